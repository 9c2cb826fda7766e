namespace Agora.Crypto.Http;

/// <summary>Why a request's signature is not taken.</summary>
public enum SignatureFault
{
    /// <summary>There is no Signature-Input or no Signature.</summary>
    Missing = 1,

    /// <summary>A field is not of its form, has a label or a parameter twice, or a component or parameter that is not known here.</summary>
    Malformed,

    /// <summary>No signature has the tag that is asked for, or more than one has it.</summary>
    NotOne,

    /// <summary>It covers less than is asked for.</summary>
    CoversTooLittle,

    /// <summary>Another algorithm than ed25519.</summary>
    Algorithm,

    /// <summary>No key, or one that is not known.</summary>
    UnknownKey,

    /// <summary>It was made too long ago, or in the future, or it does not say when.</summary>
    Stale,

    Expired,

    /// <summary>Content-Digest is not the body's.</summary>
    Digest,

    /// <summary>It is not this key's over this request.</summary>
    Wrong,
}

/// <summary>What a signature must cover, and how old it may be.</summary>
/// <param name="Components">All of them must be covered; a signature may cover more.</param>
/// <param name="Tag">Tells what a signature is for, where a request has several. Null: there must be only one.</param>
public sealed record SignaturePolicy(IReadOnlyList<string> Components, string? Tag = null)
{
    /// <summary>So far apart the two clocks may be, both ways.</summary>
    public TimeSpan Apart { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Either the signature that is good, or what is wrong. A nonce that came before is for the caller to know.</summary>
public sealed record SignatureVerdict(SignatureInput? Input, SignatureFault? Fault);
