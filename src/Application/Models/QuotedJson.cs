using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Agora.Application.Models;

/// <summary>
/// What others wrote, as a model is shown it: one line of JSON, in which no text can end it or look like a turn of a chat. Quotes, brackets, angle brackets, bars, backticks and line breaks are escaped; letters of all languages stand as they are.
/// </summary>
internal static class QuotedJson
{
    private static readonly JsonSerializerOptions Escaping = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.Create(Letters()) };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Escaping);

    private static TextEncoderSettings Letters()
    {
        var letters = new TextEncoderSettings(UnicodeRanges.All);
        letters.ForbidCharacters('<', '>', '[', ']', '{', '}', '|', '`', '#', '*', '\u2028', '\u2029');
        return letters;
    }
}
