package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;

/** A Flink job loads these classes anew, and shares ND4J with all others of its process. */
class SeveralLoadersTest {

  @Test
  void theyLockOneDeviceByOneObject() throws Exception {
    try (URLClassLoader job = new JobLoader()) {
      Method lock = job.loadClass(Nd4jDevice.class.getName()).getDeclaredMethod("lock", int.class);
      assertNotSame(Nd4jDevice.class, lock.getDeclaringClass());
      lock.setAccessible(true);

      assertSame(Nd4jDevice.lock(1), lock.invoke(null, 1));
      assertNotSame(Nd4jDevice.lock(0), lock.invoke(null, 1));
    }
  }

  @Test
  void nd4jKeepsNoneOfThem() throws Exception {
    try (URLClassLoader job = new JobLoader()) {
      Class.forName(Nd4jRuntime.class.getName(), true, job);

      assertSame(Nd4j.class.getClassLoader(), ND4JClassLoading.getNd4jClassloader());
    }
  }

  /** Loads the classes of this module itself, as Flink does with those of a job's jar. */
  private static final class JobLoader extends URLClassLoader {

    JobLoader() {
      super(
          new URL[] {Nd4jDevice.class.getProtectionDomain().getCodeSource().getLocation()},
          Nd4jDevice.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("io.github.colonnade.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }
}
