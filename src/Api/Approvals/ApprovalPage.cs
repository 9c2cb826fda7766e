using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Agora.Application.Language;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Agora.Api.Approvals;

/// <summary>
/// The page behind a link, for a person with a browser: plain HTML, no script, nothing loaded from anywhere. Everything that is not our
/// own text is encoded. The address is the secret, so it is told to nobody: no referrer, no cache, no frame (<see cref="EdgeHeaders"/>).
/// </summary>
internal static class ApprovalPage
{
    private const string Html = "text/html; charset=utf-8";
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <param name="serviceName">As the catalogue has it; null: it is not there any more, or a wallet is paid.</param>
    /// <param name="words">The reader's language; null: English.</param>
    public static Reply Of(NamedRow row, string? serviceName, bool mayDecide, Words? words) => Page(
        StatusCodes.Status200OK,
        "An agent asks for your approval",
        $"""
        <dl>
        <dt>{Said(words, "Agent")}</dt><dd>{Text(row.Text("agent_id"))}</dd>
        <dt>{Said(words, "On behalf of")}</dt><dd>{Text(row.Text("user_id"))}</dd>
        {What(row, serviceName, words)}
        <dt>{Said(words, "May cost at most")}</dt><dd>{Dollars(row.Number("max_amount_micros"))}</dd>
        {(row.OptionalNumber("beyond_budget") == 1 ? $"<dt>{Said(words, "Its budget")}</dt><dd>{Said(words, "has no room for this. If you approve, it is raised by what is missing.")}</dd>" : "")}
        <dt>{Said(words, "Asked")}</dt><dd>{Time(row.Time("requested_at"))}</dd>
        <dt>{Said(words, "Waits until")}</dt><dd>{Time(row.Time("expires_at"))}</dd>
        </dl>
        {(mayDecide ? Forms(words) : $"<p>{Said(words, $"This run is {row.Text("state")}.")}</p>")}
        """,
        words);

    public static Reply Decided(ApprovalState approval, Words? words) => Page(
        StatusCodes.Status200OK,
        approval == ApprovalState.Approved ? "Approved" : "Denied",
        $"<p>{Said(words, approval == ApprovalState.Approved ? "The agent's request goes ahead, once, within its limits as they are now." : "The agent's request will not be carried out. Nothing was spent.")}</p>",
        words);

    public static Reply Refused(Rejection rejection, Words? words) => Page(Codes.StatusOf(rejection.Code), "This cannot be decided here", $"<p>{Text(words?.Of(rejection) ?? rejection.Message)}</p>", words);

    private const string Style = ":root{color-scheme:light dark;font:17px/1.5 system-ui,sans-serif}body{max-width:34rem;margin:1rem auto;padding:0 1rem}dt{opacity:.7}dd{margin:0 0 .6rem;overflow-wrap:anywhere}form{display:inline-block;margin:.5rem .5rem 0 0}button{font:inherit;padding:.6rem 1.4rem}";

    /// <summary>A form may be sent from it, and no program lists it.</summary>
    private static readonly (string Name, string Value)[] Headers =
    [
        ("Content-Security-Policy", $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
        ("X-Robots-Tag", "noindex, nofollow"),
    ];

    private static string Forms(Words? words) =>
        $"""
        <form method="post"><button name="decision" value="approve">{Said(words, "Approve")}</button></form>
        <form method="post"><button name="decision" value="deny">{Said(words, "Deny")}</button></form>
        """;

    private static string What(NamedRow row, string? serviceName, Words? words) => row.OptionalText("service_id") is { } service
        ? $"<dt>{Said(words, "Wants to run")}</dt><dd>{(serviceName is null ? "" : $"{Text(serviceName)} ")}({Text(service)})</dd>"
        : $"<dt>{Said(words, "Wants to pay")}</dt><dd>{Text(row.Text("payee"))}</dd>";

    private static Reply Page(int status, string title, string body, Words? words) => Reply.Text(
        Html,
        $"""
        <!DOCTYPE html>
        <html lang="{words?.Language ?? "en"}">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Said(words, title)}</title><style>{Style}</style></head>
        <body>
        <h1>{Said(words, title)}</h1>
        {body}
        </body>
        </html>
        """) with { Status = status, Headers = [.. Headers, (HeaderNames.ContentLanguage, words?.Language ?? "en"), (HeaderNames.Vary, HeaderNames.AcceptLanguage)] };

    private static string Said(Words? words, string text) => Text(words?.Of(text) ?? text);

    /// <summary>With no digit less than there is.</summary>
    private static string Dollars(long micros) => string.Create(CultureInfo.InvariantCulture, $"${(decimal)micros / Money.MicrosPerCent / 100:#,##0.00######}");

    private static string Text(string text) => Encoder.Encode(text);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
