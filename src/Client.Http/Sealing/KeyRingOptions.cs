namespace Agora.Client.Http.Sealing;

/// <summary>How often keys change, and how long what was sealed to old ones can be opened.</summary>
public sealed record KeyRingOptions
{
    /// <summary>A key is taken for so long: whoever takes it away reads what was sealed to it, so at most this.</summary>
    public TimeSpan Epoch { get; init; } = TimeSpan.FromDays(1);

    /// <summary>A key that another has followed is kept for so long, for messages still under way, and then destroyed. A peer's signing key that was rotated away counts for as long.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Is told when a peer has another signing key, and the one before says so.</summary>
    public Action<SigningKeyRotated>? Rotated { get; init; }
}
