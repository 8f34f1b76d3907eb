package io.github.colonnade.jobs.cli;

/**
 * The work of a command.
 *
 * @param <O> the options that it needs
 */
@FunctionalInterface
interface Action<O> {
  /** Does the work and returns {@link ExitCodes#OK} or {@link ExitCodes#VERIFICATION_FAILED}. */
  int run(O options, Terminal terminal) throws Exception;
}
