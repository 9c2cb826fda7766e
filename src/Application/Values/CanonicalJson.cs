using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Agora.Application.Values;

/// <summary>
/// What two inputs must share to be the same input: members in order of their names, no white space, one spelling of strings
/// and of numbers (<see cref="CanonicalNumber"/>).
/// </summary>
internal static class CanonicalJson
{
    /// <summary>A buffer that one large input has made larger than this is not kept.</summary>
    private const int KeptBytes = 64 * 1024;

    private static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <param name="element">What is hashed.</param>
    /// <param name="withNulls">False: a member of its own that is null is as good as absent. Below it says what it says.</param>
    public static string Hash(JsonElement element, bool withNulls = true)
    {
        var buffer = _buffer is { Capacity: <= KeptBytes } kept ? kept : _buffer = new(1024);
        buffer.ResetWrittenCount();
        var writer = _writer ??= new(buffer, WriterOptions);
        writer.Reset(buffer);
        Write(writer, element, withNulls);
        writer.Flush();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.WrittenSpan, hash);
        return Convert.ToHexStringLower(hash);
    }

    public static void Write(Utf8JsonWriter writer, JsonElement element, bool withNulls = true)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                WriteMembers(writer, element, withNulls);
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(CanonicalNumber.Of(JsonMarshal.GetRawUtf8Value(element)), skipInputValidation: true);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static void WriteMembers(Utf8JsonWriter writer, JsonElement element, bool withNulls)
    {
        var members = new (string Name, JsonElement Value)[element.GetPropertyCount()];
        var count = 0;
        foreach (var member in element.EnumerateObject())
        {
            if (withNulls || member.Value.ValueKind != JsonValueKind.Null)
            {
                members[count++] = (member.Name, member.Value);
            }
        }

        var given = members.AsSpan(0, count);
        given.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var (name, value) in given)
        {
            writer.WritePropertyName(name);
            Write(writer, value);
        }
    }
}
