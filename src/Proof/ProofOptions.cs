namespace Agora.Proof;

/// <param name="Issuer">Who signs, as tokens say it (<c>iss</c>).</param>
/// <param name="CheckpointInterval">Between two checkpoints.</param>
public sealed record ProofOptions(string Issuer, TimeSpan CheckpointInterval);
