using Agora.Api.Desk;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Agora.Operator;

/// <summary>What the form of an act says: which act, about what, with which body, and where it was filled in.</summary>
public static class ActForms
{
    /// <summary>Before the names of what fills the placeholders of its path.</summary>
    public const string Id = "id.";

    /// <summary>The query parameter that names the act whose form a row's link opens.</summary>
    public const string Opened = "opened";

    /// <summary>Before the names of its body's members.</summary>
    public const string Body = "body.";

    public const string Reason = "reason";
    
    /// <summary>Fields of a form, and rows of a list in one.</summary>
    public const int FieldsAtMost = 1_000;

    /// <summary>Of a form that anybody may send: a name, a password, a token.</summary>
    internal const int SignInBytes = 16 * 1_024;

    private const int BytesAtMost = 512 * 1_024;

    /// <summary>Null: it is none, or a larger one than any of ours.</summary>
    internal static async Task<IFormCollection?> Read(HttpContext http, int bytesAtMost = BytesAtMost)
    {
        if (!IsForm(http.Request.ContentType) || http.Request.ContentLength is not { } length || length > bytesAtMost) return null;

        PageRoom.TakeForForm(http);
        try
        {
            return await http.Request.ReadFormAsync(new() { ValueCountLimit = FieldsAtMost, BufferBodyLengthLimit = BytesAtMost, ValueLengthLimit = BytesAtMost, KeyLengthLimit = 256 }, http.RequestAborted);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    /// <returns>What to ask of the route; or which field is none of its kind.</returns>
    internal static (DeskRequest? Request, FormField? Wrong) Request(OperatorRoute act, IFormCollection form)
    {
        var (body, wrong) = FormField.Read(act, form);
        if (wrong is not null) return (null, wrong);

        var ids = RouteMap.Missing(act, []).Select(name => (name, Text(form, Id + name))).ToList();
        return (new(act, ids, Body: body is { Count: 0 } ? null : body, Key: Text(form, "key") is { Length: > 0 } key ? key : null, Reason: Text(form, Reason) is { Length: > 0 } reason ? reason : null), null);
    }

    /// <summary>As pages of ours send it (the HTML standard, section 4.10.21.7).</summary>
    private static bool IsForm(string? type) => MediaTypeHeaderValue.TryParse(type, out var parsed) && parsed.MediaType == "application/x-www-form-urlencoded"
        && (parsed.Charset.Length == 0 || parsed.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    internal static string Text(IFormCollection form, string name) => form.TryGetValue(name, out var sent) && sent is [{ } text, ..] ? text.Trim() : "";
}
