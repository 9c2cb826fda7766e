using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Agora.Web.Lists;

/// <summary>
/// Where a list goes on: <c>{version}{HMAC-SHA256, 16 bytes}{values as JSON}</c>, in base64url. It names the values that order the last row that was
/// shown, so nothing is kept of it, and the row may be gone. The code is also over the list, the tenant and the filters, under a key that follows from the
/// token key (HKDF, RFC 5869): every process of a cluster takes it, and no other list does.
/// </summary>
internal sealed class ListCursors(ApiOptions options)
{
    private const byte Version = 1;
    private const int CodeAt = 1;
    private const int ValuesAt = CodeAt + 16;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, options.TokenKey.ToArray(), HMACSHA256.HashSizeInBytes, info: "agora/list-cursor/v1"u8.ToArray());

    /// <param name="list">Its operation's name, the tenant and what it is narrowed to, as one text.</param>
    public string Mint(string list, IReadOnlyList<object> position)
    {
        var values = JsonSerializer.SerializeToUtf8Bytes(position);
        return Base64Url.EncodeToString([Version, .. Code(list, values), .. values]);
    }

    /// <returns>Null: it is none of this list.</returns>
    public IReadOnlyList<object>? Read(string list, string cursor)
    {
        if (!Base64Url.IsValid(cursor)) return null;

        var bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length <= ValuesAt || bytes[0] != Version || Base64Url.EncodeToString(bytes) != cursor) return null; // one spelling

        return CryptographicOperations.FixedTimeEquals(bytes.AsSpan(CodeAt..ValuesAt), Code(list, bytes.AsSpan(ValuesAt)))
            ? [.. JsonSerializer.Deserialize<JsonElement[]>(bytes.AsSpan(ValuesAt))!.Select(value => value.ValueKind == JsonValueKind.Number ? (object)value.GetInt64() : value.GetString()!)]
            : null;
    }

    private byte[] Code(string list, ReadOnlySpan<byte> values)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        code.AppendData(values);
        code.AppendData([0]); // no JSON has it
        code.AppendData(Encoding.UTF8.GetBytes(list));
        return code.GetHashAndReset()[..(ValuesAt - CodeAt)];
    }
}
