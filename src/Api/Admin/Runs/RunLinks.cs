using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Runs;

/// <summary>Where what belongs to a run stands, and to its payment, which is the same row.</summary>
internal static class RunLinks
{
    public static IReadOnlyDictionary<string, string> OfRun(NamedRow row, string? agent) => Links.Of(
        [("payment", Links.To("payments", row.OptionalText("payment_id"))), ("refusals", WasRefused(row.OptionalText("failure_code")) ? $"/admin/refusals?run_id={row.Text("run_id")}" : null), .. Around(row, agent)]);

    public static IReadOnlyDictionary<string, string> OfPayment(NamedRow row, string? agent) =>
        Links.Of([("run", Links.To("runs", row.Text("run_id"))), .. Around(row, agent), ("receipt", $"/admin/payments/{row.Text("payment_id")}/receipt"), Links.Acts(row.Text("payment_id"))]);

    /// <summary>Before its service was called; that list has the limit.</summary>
    private static bool WasRefused(string? failureCode) => failureCode is not (null or Codes.UpstreamFailed or Codes.UpstreamTimeout or Codes.RunCancelled);

    private static IEnumerable<(string Name, string? Path)> Around(NamedRow row, string? agent) =>
    [
        ("session", Links.To("sessions", row.Text("session_id"))),
        ("user", Links.To("users", row.Text("user_id"))),
        ("agent", agent),
        ("service", Links.To("services", row.Text("service_id") is { Length: > 0 } service ? service : null)),
        ("campaign", Links.To("campaigns", row.OptionalText("campaign_id"))),
    ];
}
