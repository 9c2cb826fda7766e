using System.Globalization;
using System.Text.Encodings.Web;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Approvals;

/// <summary>
/// The page behind a link, for a person with a browser: plain HTML, no script, nothing loaded from anywhere. Everything that is not our
/// own text is encoded. The address is the secret, so it is told to nobody: no referrer, no cache, no frame (<see cref="EdgeHeaders"/>).
/// </summary>
internal static class ApprovalPage
{
    private const string Html = "text/html; charset=utf-8";

    /// <param name="serviceName">As the catalogue has it; null: it is not there any more, or a wallet is paid.</param>
    public static Reply Of(NamedRow row, string? serviceName, bool mayDecide) => Page(
        StatusCodes.Status200OK,
        "An agent asks for your approval",
        $"""
        <dl>
        <dt>Agent</dt><dd>{Text(row.Text("agent_id"))}</dd>
        <dt>On behalf of</dt><dd>{Text(row.Text("user_id"))}</dd>
        {What(row, serviceName)}
        <dt>May cost at most</dt><dd>{Money.FormatCents(row.Number("max_amount_micros"))} cents (US dollar)</dd>
        <dt>Asked</dt><dd>{Time(row.Time("requested_at"))}</dd>
        <dt>Waits until</dt><dd>{Time(row.Time("expires_at"))}</dd>
        </dl>
        {(mayDecide ? Forms : $"<p>This run is {Text(row.Text("state"))}.</p>")}
        """);

    public static Reply Decided(ApprovalState approval) => Page(
        StatusCodes.Status200OK,
        approval == ApprovalState.Approved ? "Approved" : "Denied",
        approval == ApprovalState.Approved ? "<p>The agent's request goes ahead, once, within its limits as they are now.</p>" : "<p>The agent's request will not be carried out. Nothing was spent.</p>");

    public static Reply Refused(Rejection rejection) => Page(Codes.StatusOf(rejection.Code), "This cannot be decided here", $"<p>{Text(rejection.Message)}</p>");

    /// <summary>A form may be sent from it, and no program lists it.</summary>
    private static readonly (string Name, string Value)[] Headers =
    [
        ("Content-Security-Policy", "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
        ("X-Robots-Tag", "noindex, nofollow"),
    ];

    private const string Forms =
        """
        <form method="post"><button name="decision" value="approve">Approve</button></form>
        <form method="post"><button name="decision" value="deny">Deny</button></form>
        """;

    private static string What(NamedRow row, string? serviceName) => row.OptionalText("service_id") is { } service
        ? $"<dt>Wants to run</dt><dd>{(serviceName is null ? "" : $"{Text(serviceName)} ")}({Text(service)})</dd>"
        : $"<dt>Wants to pay</dt><dd>{Text(row.Text("payee"))}</dd>";

    private static Reply Page(int status, string title, string body) => Reply.Text(
        Html,
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>
        <body>
        <h1>{title}</h1>
        {body}
        </body>
        </html>
        """) with { Status = status, Headers = Headers };

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
