using System.Security.Cryptography;

namespace Agora.Crypto.Http;

/// <summary>The field Content-Digest (RFC 9530): it binds a body to the fields that are signed.</summary>
public static class ContentDigest
{
    public const string Field = "content-digest";

    /// <summary>By SHA-256.</summary>
    public static string Of(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        return $"sha-256={StructuredField.OfBytes(hash)}";
    }

    /// <summary>True when the field has a digest by SHA-256 or SHA-512, and all of those that it has are the body's.</summary>
    public static bool IsOf(string? field, ReadOnlySpan<byte> body)
    {
        if (StructuredField.ByteDictionary(field) is not { } digests) return false;
        var compared = 0;
        foreach (var (algorithm, digest) in digests)
        {
            var right = algorithm switch { "sha-256" => SHA256.HashData(body), "sha-512" => SHA512.HashData(body), _ => null };
            if (right is null) continue;
            if (!right.AsSpan().SequenceEqual(digest)) return false;
            compared++;
        }

        return compared > 0;
    }
}
