namespace Agora.X402;

/// <summary>Bounds of what is read and written of x402. Those of a run that is paid by it are the product's.</summary>
public static class X402Limits
{
    /// <summary>Characters of a header that carries a payment: 12 KiB of JSON.</summary>
    public const int HeaderLength = 16 * 1024;
    public const int Depth = 16;

    /// <summary>65 bytes are an account's signature; a contract's may be longer, and carry what deploys it.</summary>
    public const int SignatureBytes = 4 * 1024;

    /// <summary>Characters that are written of what is sold.</summary>
    public const int DescriptionLength = 200;

    /// <summary>The product's largest amount, in micro-dollars.</summary>
    public const long MaxMicros = 1_000_000_000_000_000;

    /// <summary>How long an authorization that is signed now is asked to stay valid: afterwards a facilitator no longer tells whether it was settled, so a restart has to fit in.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(300);
}
