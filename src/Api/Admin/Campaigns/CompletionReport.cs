using System.Globalization;
using System.Text;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Web;

namespace Agora.Api.Admin.Campaigns;

/// <summary>
/// What a sponsor sees of the tasks done for it, as JSON or as CSV (RFC 4180). Outputs are personal: each is read from the journal, and only
/// while every consent that the task asked for stands.
/// </summary>
internal sealed class CompletionReport(TableReader tables, IJournalReader journal)
{
    public async Task<Reply> Page(OperatorCall call, string campaignId, Page page)
    {
        var cancel = call.Cancel;
        var (rows, total) = await tables.In(call.Tenant).Page(
            UserTables.Completions, page, [new("completed_at"), new("completion_id")], cancel, TableReader.Is("campaign_id", campaignId));
        var completions = new List<CompletionData>(rows.Count);
        foreach (var row in rows)
        {
            completions.Add(Describe(row, row.Number("consent_valid") == 0
                ? null
                : await journal.CompletionOutput(call.Tenant, row.Text("user_id"), Guid.Parse(row.Text("output_command"), CultureInfo.InvariantCulture), row.Seq, cancel)));
        }

        return call.WantsCsv
            ? Reply.Text(Csv.ContentType, Text(completions))
            : Reply.Ok(new CompletionsData(completions, total.Number, total.Unknown(call.Words), page.Offset, page.Limit)) with { UntrustedFields = ["data.completions[].output"] };
    }

    private static CompletionData Describe(NamedRow row, Personal? output) => new(
        row.Text("completion_id"),
        row.Text("user_id"),
        row.Text("session_id"),
        row.Text("agent_id"),
        row.Text("execution_mode"),
        row.Time("completed_at"),
        RawJson.Of(output),
        [.. (JsonSerializer.Deserialize<IReadOnlyList<Consent>>(row.Text("consents"), StoredJson.Options) ?? [])
            .Select(c => new CompletionConsentData(c.ConsentId, c.Type, c.GrantedAt, c.WithdrawnAt))]);

    /// <summary>JSON begins with no sign that a spreadsheet takes for a formula but a minus before digits, and ids with none at all.</summary>
    private static string Text(IReadOnlyList<CompletionData> completions)
    {
        var csv = new StringBuilder().Row("completion_id", "user_id", "session_id", "agent_id", "execution_mode", "completed_at", "consents", "output");
        foreach (var c in completions)
        {
            var consents = string.Join(' ', c.Consents.Where(consent => consent.WithdrawnAt is null).Select(consent => consent.Type));
            var output = c.Output is { } json ? Encoding.UTF8.GetString(json.Utf8.Span) : "";
            csv.Row(c.CompletionId, c.UserId, c.SessionId, c.AgentId, c.ExecutionMode, Rfc3339.Format(c.CompletedAt), consents, output);
        }

        return csv.ToString();
    }
}
