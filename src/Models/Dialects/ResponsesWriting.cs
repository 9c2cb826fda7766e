using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Agora.Models.Dialects;

internal static class ResponsesWriting
{
    public static string Text(Action<Utf8JsonWriter> write)
    {
        var into = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(into, ResponsesJson.Writing))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    /// <summary>JSON text that was read from a whole document, and so is valid.</summary>
    public static void Raw(this Utf8JsonWriter writer, string name, string? json)
    {
        writer.WritePropertyName(name);
        if (json is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteRawValue(json, skipInputValidation: true);
        }
    }

    /// <summary>Nothing, where there is nothing.</summary>
    public static void Optional(this Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    public static void Nullable(this Utf8JsonWriter writer, string name, double? number)
    {
        if (number is { } n)
        {
            writer.WriteNumber(name, n);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
