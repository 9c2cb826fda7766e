using System.Text;

namespace Agora.Crypto.Http;

/// <summary>
/// HTTP Message Signatures (RFC 9421) of requests with Ed25519, the only algorithm that is made or taken here. Components are derived ones of a
/// request and whole fields, as text or as bytes (<c>;bs</c>); those with other parameters are refused. What a policy or a digest asks for is covered as text: as bytes it does not count.
/// </summary>
public static class HttpSignature
{
    public const string Algorithm = "ed25519";
    public const int MaxFieldCharacters = 8192;

    /// <summary>The two fields that are sent with the request.</summary>
    /// <param name="label">By which the two find each other.</param>
    /// <exception cref="ArgumentException">The request lacks a component, or one that is not ASCII.</exception>
    public static (string Input, string Signature) Sign(HttpMessage message, SignatureInput input, string label, Ed25519PrivateKey key)
    {
        var signed = Base(message, input) ?? throw new ArgumentException("The request lacks what is to be signed, or it is not ASCII.", nameof(message));
        return ($"{label}={input.Text}", $"{label}={StructuredField.OfBytes(key.Sign(Encoding.ASCII.GetBytes(signed)))}");
    }

    /// <summary>Total over whatever the request holds.</summary>
    /// <param name="body">Looked at where Content-Digest is covered.</param>
    public static SignatureVerdict Verify(HttpMessage message, ReadOnlySpan<byte> body, SignaturePolicy policy, Func<string, Jwk?> keyOf, DateTimeOffset now) =>
        Verify(message, policy, keyOf, now) is var verdict && verdict.Input is { } input && !IsOf(message, input, body) ? Not(SignatureFault.Digest) : verdict;

    /// <summary>The same, if the key may have to be fetched: it is asked for once, after all that can be refused without it.</summary>
    public static async ValueTask<SignatureVerdict> Verify(HttpMessage message, ReadOnlyMemory<byte> body, SignaturePolicy policy, Func<string, ValueTask<Jwk?>> keyOf, DateTimeOffset now)
    {
        var (input, signature, fault) = Read(message, policy, now);
        if (fault is { } refused) return Not(refused);
        var verdict = Judge(message, input!, signature, await keyOf(input!.KeyId!));
        return verdict.Input is null || IsOf(message, input, body.Span) ? verdict : Not(SignatureFault.Digest);
    }

    /// <summary>False where a signature covers Content-Digest, and that is another body's.</summary>
    public static bool IsOf(HttpMessage message, SignatureInput input, ReadOnlySpan<byte> body) => !input.Components.Contains(ContentDigest.Field) || ContentDigest.IsOf(message.Field(ContentDigest.Field), body);

    /// <summary>Before the body has come: whoever is answered good has yet to ask <see cref="IsOf"/>.</summary>
    public static SignatureVerdict Verify(HttpMessage message, SignaturePolicy policy, Func<string, Jwk?> keyOf, DateTimeOffset now)
    {
        var (input, signature, fault) = Read(message, policy, now);
        return fault is { } refused ? Not(refused) : Judge(message, input!, signature, keyOf(input!.KeyId!));
    }

    /// <summary>What is signed (RFC 9421 §2.5). Null: a component is missing, or is not of visible ASCII, blanks and tabs.</summary>
    internal static string? Base(HttpMessage message, SignatureInput input)
    {
        var lines = new StringBuilder();
        foreach (var name in input.Components)
        {
            if (message.Component(name) is not { } value || value.AsSpan().ContainsAnyExceptInRange('\t', '~') || value.AsSpan().ContainsAnyInRange('\n', '\u001f'))
            {
                return null;
            }

            lines.Append(SignatureInput.Identifier(name)).Append(": ").Append(value).Append('\n');
        }

        return lines.Append("\"@signature-params\": ").Append(input.Text).ToString();
    }

    /// <summary>All that can be refused without the key. Where there is no fault, the input names a key.</summary>
    private static (SignatureInput? Input, byte[] Signature, SignatureFault? Fault) Read(HttpMessage message, SignaturePolicy policy, DateTimeOffset now)
    {
        var (inputText, signatureText) = (message.Field("signature-input"), message.Field("signature"));
        if (inputText is null || signatureText is null) return (null, [], SignatureFault.Missing);
        if (SignatureInput.All(inputText) is not { } inputs || StructuredField.ByteDictionary(signatureText) is not { } signatures)
        {
            return (null, [], SignatureFault.Malformed);
        }

        if (inputs.Where(i => policy.Tag is null || i.Value.Tag == policy.Tag).ToList() is not [var (label, input)])
        {
            return (null, [], SignatureFault.NotOne);
        }

        if (!signatures.TryGetValue(label, out var signature)) return (null, [], SignatureFault.Missing);
        return (input, signature, Refused(input, policy, now) ?? (input.KeyId is null ? SignatureFault.UnknownKey : null));
    }

    private static SignatureVerdict Judge(HttpMessage message, SignatureInput input, byte[] signature, Jwk? jwk)
    {
        if (jwk is not { PublicKey.Length: Ed25519.PublicKeyBytes }) return Not(SignatureFault.UnknownKey);
        if (Base(message, input) is not { } signed) return Not(SignatureFault.CoversTooLittle);
        return jwk.Verifier.Verify(Encoding.ASCII.GetBytes(signed), signature) ? new(input, null) : Not(SignatureFault.Wrong);
    }

    private static SignatureFault? Refused(SignatureInput input, SignaturePolicy policy, DateTimeOffset now)
    {
        if (policy.Components.Any(name => !input.Components.Contains(name))) return SignatureFault.CoversTooLittle;
        if (input.Algorithm is not (null or Algorithm)) return SignatureFault.Algorithm;
        var (at, apart) = (now.ToUnixTimeSeconds(), (long)policy.Apart.TotalSeconds);
        if (input.Created is not { } created || created < at - apart || created > at + apart) return SignatureFault.Stale;
        return input.Expires is { } expires && (expires <= at || expires < created) ? SignatureFault.Expired : null;
    }

    private static SignatureVerdict Not(SignatureFault fault) => new(null, fault);
}
