using System.Buffers;
using System.Text.Json;
using Agora.Application.Values;

namespace Agora.Api.Admin.Journal;

/// <summary>Stored JSON with what opens something left out: whoever reads the journal for what happened needs none of it, sealed or not.</summary>
internal static class Hidden
{
    private const string Mark = "(hidden)";
    private static readonly string[] Names = ["secret", "hash", "password", "factor", "sealed", "token"];

    public static RawJson In(ReadOnlyMemory<byte> stored)
    {
        using var document = JsonDocument.Parse(stored);
        var written = new ArrayBufferWriter<byte>(stored.Length + 2);
        using (var writer = new Utf8JsonWriter(written, new() { Encoder = ApiJson.Options.Encoder }))
        {
            Write(document.RootElement, writer);
        }

        return new(written.WrittenMemory);
    }

    private static void Write(JsonElement value, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    if (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array && Array.Exists(Names, name => member.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
                    {
                        writer.WriteStringValue(Mark);
                    }
                    else
                    {
                        Write(member.Value, writer);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(item, writer);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
