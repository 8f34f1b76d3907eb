package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.util.SerializedThrowable;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private final UsageException mistake =
      new UsageException("model.safetensors: the header is longer than the file");
  private static final List<String> LINE =
      List.of("colonnade: model.safetensors: the header is longer than the file");

  @Test
  void aMistakeIsOneLine() {
    Session session = Session.failing(mistake);
    assertEquals(LINE, session.err());
    assertEquals(2, session.exitCode);
  }

  @Test
  void aMistakeIsFoundBelowOtherExceptions() {
    Session session =
        Session.failing(new ExecutionException(new IOException("read failed", mistake)));
    assertEquals(LINE, session.err());
    assertEquals(2, session.exitCode);
  }

  @Test
  void aMistakeIsFoundInWhatFlinkSerialized() {
    Exception inOperator = new IllegalStateException("operator failed", mistake);
    Session session =
        Session.failing(
            new ExecutionException(
                new JobExecutionException(
                    new JobID(),
                    "Job execution failed.",
                    new SerializedThrowable(
                        new RuntimeException("failover", new SerializedThrowable(inOperator))))));
    assertEquals(LINE, session.err());
    assertEquals(2, session.exitCode);
  }

  @Test
  void aMessageIsOnOneLineAndHarmless() {
    Session session = Session.failing(new UsageException("tensor a\u001b[2J: bad\nsecond line"));
    assertEquals(List.of("colonnade: tensor a?[2J: bad"), session.err());
  }

  @Test
  void aFaultOfTheProgramGoesToTheLog() throws IOException {
    String secret = "fault " + System.nanoTime();
    Session session =
        Session.failing(new ExecutionException("outer", new IllegalStateException(secret)));
    assertEquals(70, session.exitCode);
    assertEquals(
        List.of(
            "colonnade: internal error: java.lang.IllegalStateException: "
                + secret
                + "; details in "
                + LogFile.path()),
        session.err());
    String log = Files.readString(Path.of(LogFile.path()));
    assertTrue(log.contains("Caused by: java.lang.IllegalStateException: " + secret));
    assertTrue(log.contains("at " + FailuresTest.class.getName()), "no stack trace");
  }

  @Test
  void anExceptionInALoopIsAFaultOfTheProgram() {
    Exception a = new Exception("a");
    Exception b = new Exception("b", a);
    a.initCause(b);
    assertEquals(70, Session.failing(a).exitCode);
  }

  @Test
  void whatFlinkCouldNotSerializeIsAFaultOfTheProgram() {
    class Unreadable extends RuntimeException {
      private static final long serialVersionUID = 1L;

      @SuppressWarnings("unused") // keeps it from being serialized
      final Object field = new Object();
    }
    Session session =
        Session.failing(
            new JobExecutionException(
                new JobID(), "failed", new SerializedThrowable(new Unreadable())));
    assertEquals(70, session.exitCode);
    assertEquals(1, session.err().size());
  }

  @Test
  void anInterruptedRunSaysSo() {
    Session session = Session.failing(new ExecutionException(new InterruptedException()));
    assertEquals(130, session.exitCode);
    assertEquals(List.of("colonnade: interrupted"), session.err());
  }

  @Test
  void nothingIsLoggedOnTheTerminal() {
    Session session = Session.failing(new IllegalStateException("x"));
    assertFalse(session.err().get(0).contains("\tat "));
    assertEquals("", session.out());
  }

  @Test
  void aStoreThatDeniesAccessIsToldInOneLine() {
    Session session =
        Session.failing(
            new IOException(
                new AccessDeniedException("s3a://bucket/in: getFileStatus on in: Forbidden")));

    assertEquals(2, session.exitCode);
    assertEquals(1, session.err().size());
    String line = session.err().get(0);
    assertTrue(line.startsWith("colonnade: s3a://bucket/in: "), line);
    assertTrue(line.endsWith("check the endpoint, the bucket and the credentials"), line);
  }

  @Test
  void aLocalFileThatDeniesAccessIsNoStore() {
    Session session = Session.failing(new AccessDeniedException("/root/secret"));

    assertEquals(70, session.exitCode);
  }
}
