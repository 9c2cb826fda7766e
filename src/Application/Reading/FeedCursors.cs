using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Application.Reading;

/// <param name="Feed">The feed's own cursor.</param>
/// <param name="Told">The event behind it that was told last; null: none was.</param>
internal sealed record FeedPlace(FeedCursor Feed, string? Told = null);

/// <summary>
/// Where to go on with what happens. The feed's cursor names the last row that was looked at, which may be another tenant's: so what is given out is enciphered (AES-GCM) for its tenant, under a
/// key that follows from the token key (HKDF, RFC 5869). Every process of a cluster takes it.
/// </summary>
/// <param name="secret">At least 32 bytes, the same on every process of a cluster.</param>
internal sealed class FeedCursors(ReadOnlyMemory<byte> secret)
{
    private const int NonceBytes = 12, TagBytes = 16;

    private readonly AesGcm _cipher = new(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), 32, info: "agora/event-cursor/v1"u8.ToArray()), TagBytes);
    private readonly Lock _gate = new(); // a cipher takes one at a time

    public string Mint(Tenant tenant, FeedPlace place)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes($"{place.Told}\n"), .. Packed(place.Feed)];
        Span<byte> whole = new byte[NonceBytes + text.Length + TagBytes];
        RandomNumberGenerator.Fill(whole[..NonceBytes]);
        lock (_gate) _cipher.Encrypt(whole[..NonceBytes], text, whole[NonceBytes..^TagBytes], whole[^TagBytes..], Encoding.UTF8.GetBytes(tenant.Name));
        return Base64Url.EncodeToString(whole);
    }

    /// <returns>Null: it is none of this tenant's.</returns>
    public FeedPlace? Read(Tenant tenant, string cursor)
    {
        if (!Base64Url.IsValid(cursor)) return null;

        ReadOnlySpan<byte> whole = Base64Url.DecodeFromChars(cursor);
        if (whole.Length <= NonceBytes + TagBytes) return null;

        var text = new byte[whole.Length - NonceBytes - TagBytes];
        try
        {
            lock (_gate) _cipher.Decrypt(whole[..NonceBytes], whole[NonceBytes..^TagBytes], whole[^TagBytes..], text, Encoding.UTF8.GetBytes(tenant.Name));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        var end = Array.IndexOf(text, (byte)'\n');
        return new(Unpacked(text.AsSpan(end + 1)), end == 0 ? null : Encoding.UTF8.GetString(text, 0, end));
    }

    /// <summary>Bytes are a third shorter than text, so that the whole stays within <see cref="Limits.CursorLength"/>; the first place has none, and stands as text.</summary>
    private static byte[] Packed(FeedCursor feed) => feed.ToBytes() is { Length: > 0 } bytes ? [1, .. bytes] : [0, .. Encoding.UTF8.GetBytes(feed.ToString())];

    private static FeedCursor Unpacked(ReadOnlySpan<byte> packed) => packed[0] == 1 ? FeedCursor.Of(packed[1..]) : FeedCursor.Parse(Encoding.UTF8.GetString(packed[1..]));
}
