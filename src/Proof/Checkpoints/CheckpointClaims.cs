using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Crypto;

namespace Agora.Proof.Checkpoints;

/// <summary>What a checkpoint's token says.</summary>
/// <param name="Iss">Who signs.</param>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="Previous">SHA-256 of the previous checkpoint's token, in base64url; null for the first.</param>
/// <param name="After">Position of the last row before it.</param>
/// <param name="UpTo">Position of its last row.</param>
/// <param name="Size">Rows, the leaves of the tree.</param>
/// <param name="Root">Of the tree, in base64url.</param>
/// <param name="At">RFC 3339.</param>
public sealed record CheckpointClaims(string Iss, long Number, string? Previous, long After, long UpTo, long Size, string Root, string At)
{
    public const string Type = "agora-checkpoint+jwt";

    public static string HashOf(string token) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    public string Sign(Ed25519PrivateKey key) => Jws.Sign(Type, JsonSerializer.SerializeToUtf8Bytes(this, ProofJson.Options), key);

    /// <summary>What a token says, whoever signed it, and by which key that should have been. Null: it is none of a checkpoint.</summary>
    public static (string KeyId, CheckpointClaims Claims)? ReadUnverified(string token)
    {
        try
        {
            return Jws.Read(token, Type) is { } said && JsonSerializer.Deserialize<CheckpointClaims>(said.Payload.Span, ProofJson.Options) is { } claims ? (said.KeyId, claims) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null when the token is none of a checkpoint, or its signature is not good.</summary>
    public static CheckpointClaims? Read(string token, Func<string, Jwk?> keyOf) =>
        Jws.Verify(token, Type, keyOf) is { } verified ? JsonSerializer.Deserialize<CheckpointClaims>(verified.Payload.Span, ProofJson.Options) : null;
}
