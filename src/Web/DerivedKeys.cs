using System.Security.Cryptography;

namespace Agora.Web;

/// <summary>
/// Idempotency keys of doors whose callers send none: each follows from what is asked for. Codes, not hashes: what is asked for has a user's words in it, a key's command id is kept for ever, and by a plain
/// hash whoever has the database could confirm a guess at them after the user was erased (ADR 0008). Nor can anybody else work out what key another's next attempt would have.
/// </summary>
internal sealed class DerivedKeys(ApiOptions options)
{
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, options.TokenKey.ToArray(), HMACSHA256.HashSizeInBytes, info: "agora/derived-idempotency-key/v1"u8.ToArray());

    /// <param name="parts">One after the other, as one text.</param>
    public string Of(params ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        foreach (var part in parts)
        {
            code.AppendData(part.Span);
        }

        return Convert.ToHexStringLower(code.GetHashAndReset());
    }
}
