/**
 * The linear-algebra seam: everything Colonnade asks of a matrix library, and nothing else.
 *
 * <p>Open {@link io.github.colonnade.svd.linalg.LinearAlgebra} first. {@link
 * io.github.colonnade.svd.linalg.Nd4jLinearAlgebra} is the one that runs in production (products by
 * ND4J, LAPACK decompositions on the same buffers), and {@link
 * io.github.colonnade.svd.linalg.LinearAlgebras} opens it for the host or for a CUDA device; {@link
 * io.github.colonnade.svd.linalg.ReferenceLinearAlgebra} is plain Java and defines what the answers
 * are. One contract suite runs on all of them.
 */
@NullMarked
package io.github.colonnade.svd.linalg;

import org.jspecify.annotations.NullMarked;
