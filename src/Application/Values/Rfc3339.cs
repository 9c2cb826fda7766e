using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Application.Values;

/// <summary>Times on the wire: RFC 3339, always with an offset when read, always UTC and <c>Z</c> when written, to the microsecond as they are stored, with all six digits: in one form they sort as texts.</summary>
internal static class Rfc3339
{
    /// <summary>Of a time as it is written.</summary>
    public const int Length = 27;

    private const string Written = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    public static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>A full-date alone: when it begins in UTC.</summary>
    public static bool TryParseDay(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Written, CultureInfo.InvariantCulture);

    /// <summary>The same into <see cref="Length"/> bytes.</summary>
    public static int FormatUtf8(DateTimeOffset time, Span<byte> into) =>
        time.UtcDateTime.TryFormat(into, out var written, Written, CultureInfo.InvariantCulture) ? written : throw new ArgumentException("A time does not fit.", nameof(into));

    public sealed class Converter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString() ?? "", out var time) ? time : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));
    }
}
