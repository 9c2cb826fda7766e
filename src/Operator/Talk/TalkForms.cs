using System.Globalization;
using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Agora.Operator.Talk;

/// <summary>What forms of these pages say. Some carry files, as <c>multipart/form-data</c>.</summary>
internal static class TalkForms
{
    private const int BytesAtMost = 4 * 1_024 * 1_024;
    private const int FieldBytesAtMost = 512 * 1_024;

    public static bool IsTooLarge(HttpContext http) => http.Request.ContentLength > BytesAtMost;

    /// <summary>Null: it is none, or a larger one than any of ours.</summary>
    public static async Task<IFormCollection?> Read(HttpContext http)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || type.MediaType != "multipart/form-data")
        {
            return await ActForms.Read(http);
        }

        if (http.Request.ContentLength is not { } length || length > BytesAtMost) return null;
        PageRoom.TakeForForm(http);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = BytesAtMost;
        }

        try
        {
            return await http.Request.ReadFormAsync(new() { ValueCountLimit = ActForms.FieldsAtMost, ValueLengthLimit = FieldBytesAtMost, KeyLengthLimit = 256, MultipartBodyLengthLimit = BytesAtMost, MemoryBufferThreshold = BytesAtMost }, http.RequestAborted);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>As it was typed, with the line ends of one kind; null: nothing was.</summary>
    public static string? Words(IFormCollection form, string name) => form.TryGetValue(name, out var sent) && sent is [{ } text, ..] && !string.IsNullOrWhiteSpace(text) ? text.ReplaceLineEndings("\n") : null;

    /// <summary>Null: nothing was typed. What is no number is sent as it is: its route says what is wrong.</summary>
    public static JsonNode? Number(IFormCollection form, string name) =>
        Words(form, name)?.Trim() is not { } text ? null : decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(text);

    public static bool Flag(IFormCollection form, string name) => ActForms.Text(form, name) == "yes";

    public static string? Key(IFormCollection form) => ActForms.Text(form, "key") is { Length: > 0 and <= Limits.IdempotencyKeyLength } key ? key : null;

    /// <summary>An object of those that say something.</summary>
    public static JsonObject Body(params (string Name, JsonNode? Value)[] members)
    {
        var body = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }

        return body;
    }
}
