using System.Text.Json;
using Agora.Application.Runs;
using Agora.Application.Values;
using Agora.Core.Runs;
using Agora.Web;

namespace Agora.Api.Runs;

internal sealed record RunSummaryData(
    string RunId,
    string ServiceId,
    string State,
    Cents AmountCents,
    string? CampaignId,
    string? FailureCode,
    DateTimeOffset RequestedAt,
    DateTimeOffset? SettledAt) : IWrittenData
{
    public static RunSummaryData Of(RunSummary run) => Of(RunLine.Of(run));

    public static RunSummaryData Of(RunLine run) => new(
        run.RunId.ToString(), run.ServiceId, run.State, new(run.AmountMicros), run.CampaignId, run.FailureCode, run.RequestedAt, run.SettledAt);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("run_id", RunId);
        writer.WriteString("service_id", ServiceId);
        writer.WriteString("state", State);
        writer.Write("amount_cents", AmountCents);
        writer.WriteString("campaign_id", CampaignId);
        writer.WriteString("failure_code", FailureCode);
        writer.Write("requested_at", RequestedAt);
        writer.Write("settled_at", SettledAt);
        writer.WriteEndObject();
    }
}
