package io.github.colonnade.tests.performance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The benchmarks of the same class that do what must be done at least, and nothing else. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Limit {

  /** Names of methods. */
  String[] value();
}
