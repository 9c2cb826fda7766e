using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>
/// Session tokens of chats are UUIDs. Each is its session's id under AES, with a key that follows from the token key, the tenant and the chat's key (HKDF, RFC 5869): nothing is stored, every
/// process reads it, a repeated auth gets the same one, and another chat's key makes an id of it that nobody has. 122 bits cannot be guessed without that key.
/// <para>An id is a UUID of version 7, and what comes of one is enciphered again until it has that form too (cycle walking, Black and Rogaway 2002): so the token has the form of a UUID, of
/// version 8 (RFC 9562 section 5.8), for it says no time.</para>
/// </summary>
internal sealed class GptTokens(ApiOptions options)
{
    public const string Member = "session_token";
    public const string Pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";
    public const int Length = 36;

    private const int Block = 16;
    private const byte OtherVersion = 0x70 ^ 0x80;

    /// <param name="chat">The name of its key.</param>
    public string Mint(Tenant tenant, string chat, string sessionId)
    {
        Span<byte> block = stackalloc byte[Block];
        Invariant.Check(PathIds.IsGuid(sessionId, out var id) && id.TryWriteBytes(block, bigEndian: true, out _) && IsId(block), "session_id_is_a_uuid_of_version_7");
        using var aes = Of(tenant, chat);
        do
        {
            aes.EncryptEcb(block, block, PaddingMode.None);
        }
        while (!IsId(block));

        block[6] ^= OtherVersion;
        return new Guid(block, bigEndian: true).ToString("D");
    }

    /// <returns>The id of the session that it would be of; null: it has not the form of a token.</returns>
    public string? Read(Tenant tenant, string chat, string token)
    {
        Span<byte> block = stackalloc byte[Block];
        if (!PathIds.IsGuid(token, out var id) || !id.TryWriteBytes(block, bigEndian: true, out _)) return null;

        block[6] ^= OtherVersion;
        if (!IsId(block)) return null;

        using var aes = Of(tenant, chat);
        do
        {
            aes.DecryptEcb(block, block, PaddingMode.None);
        }
        while (!IsId(block));

        return new Guid(block, bigEndian: true).ToString("D");
    }

    public static bool IsToken(string text) => text.Length == Length && PathIds.IsGuid(text, out var id) && id.Version == 8;

    private static bool IsId(ReadOnlySpan<byte> block) => block[6] >> 4 == 7 && block[8] >> 6 == 2;

    private Aes Of(Tenant tenant, string chat)
    {
        var aes = Aes.Create();
        var info = string.Create(CultureInfo.InvariantCulture, $"agora/gpt-session-token/v1\n{tenant.Name}\n{chat}");
        aes.Key = HKDF.DeriveKey(HashAlgorithmName.SHA256, options.TokenKey.ToArray(), 32, info: Encoding.UTF8.GetBytes(info));
        return aes;
    }
}
