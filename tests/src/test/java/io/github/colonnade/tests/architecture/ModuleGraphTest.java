package io.github.colonnade.tests.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;

/** Which module may use what. The picture is in {@code docs/architecture.md}. */
@AnalyzeClasses(packages = "io.github.colonnade", importOptions = DoNotIncludeTests.class)
class ModuleGraphTest {
  private static final String BOUNDS = "io.github.colonnade.bounds..";
  private static final String SVD = "io.github.colonnade.svd..";
  private static final String LINEAR_ALGEBRA = "io.github.colonnade.svd.linalg..";
  private static final String TRAINING = "io.github.colonnade.svd.training..";
  private static final String CONNECTORS = "io.github.colonnade.connectors..";
  private static final String JOBS = "io.github.colonnade.jobs..";
  private static final String METRICS = "io.github.colonnade.jobs.metrics..";
  private static final String COMMAND_LINE = "io.github.colonnade.jobs.cli..";

  @ArchTest
  static final ArchRule boundsUseOnlyJava =
      classes()
          .that()
          .resideInAPackage(BOUNDS)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(BOUNDS, "java..", "org.jspecify.annotations");

  @ArchTest
  static final ArchRule decompositionsKnowNeitherFlinkNorWhatIsAbove =
      noClasses()
          .that()
          .resideInAPackage(SVD)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CONNECTORS, JOBS, "org.apache.flink..");

  @ArchTest
  static final ArchRule connectorsDoNotKnowTheJobs =
      noClasses()
          .that()
          .resideInAPackage(CONNECTORS)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(JOBS);

  @ArchTest
  static final ArchRule nativeArraysStayBehindTheLinearAlgebra =
      noClasses()
          .that(
              resideInAPackage("io.github.colonnade..")
                  .and(resideOutsideOfPackages(LINEAR_ALGEBRA)))
          .should()
          .dependOnClassesThat(resideInAnyPackage("org.bytedeco.."));

  /** A layer that is trained is part of the graph of whoever trains it, and so of ND4J. */
  @ArchTest
  static final ArchRule onlyTheLinearAlgebraAndTrainingKnowNd4j =
      noClasses()
          .that(
              resideInAPackage("io.github.colonnade..")
                  .and(resideOutsideOfPackages(LINEAR_ALGEBRA, TRAINING)))
          .should()
          .dependOnClassesThat(resideInAnyPackage("org.nd4j.."));

  @ArchTest
  static final ArchRule compressionKnowsNoTraining =
      noClasses()
          .that(resideInAPackage("io.github.colonnade..").and(resideOutsideOfPackages(TRAINING)))
          .should()
          .dependOnClassesThat(resideInAPackage(TRAINING));

  @ArchTest
  static final ArchRule metersStayBehindTheirPackage =
      noClasses()
          .that(resideInAPackage("io.github.colonnade..").and(resideOutsideOfPackages(METRICS)))
          .should()
          .dependOnClassesThat(resideInAnyPackage("io.micrometer..", "io.prometheus.."));

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.github.colonnade.(*).(*)..").should().beFreeOfCycles();

  /**
   * What makes objects of classes that its input names is not for input of anybody. Only the
   * serializer that reads checkpoints does, which takes nothing but codecs. The backend of a device
   * has one name, which is in the code.
   */
  @ArchTest
  static final ArchRule bytesChooseNoClasses =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.github.colonnade.jobs.flink.CodecSerializer")
          .and()
          .doNotHaveFullyQualifiedName("io.github.colonnade.jobs.flink.CodecSerializer$Snapshot")
          .and()
          .doNotHaveFullyQualifiedName("io.github.colonnade.svd.linalg.Cuda$Started")
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.io\\.ObjectInputStream|java\\.beans\\.XMLDecoder|.*\\.InstantiationUtil")
          .orShould()
          .dependOnClassesThat(resideInAnyPackage("com.esotericsoftware.."))
          .orShould()
          .dependOnClassesThat()
          .haveSimpleName("GenericTypeInfo")
          .orShould()
          .callMethod(Class.class, "forName", String.class)
          .orShould()
          .callMethod(ClassLoader.class, "loadClass", String.class);

  @ArchTest
  static final ArchRule loggingIsSlf4j =
      noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");

  @ArchTest
  static final ArchRule onlyTheCommandLineWritesToTheConsole =
      noClasses()
          .that()
          .resideOutsideOfPackage(COMMAND_LINE)
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .callMethod(Throwable.class, "printStackTrace")
          .orShould()
          .callMethod(Throwable.class, "printStackTrace", PrintStream.class);
}
