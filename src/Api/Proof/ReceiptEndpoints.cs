using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Proof;

/// <summary>Receipts of an agent's own payments.</summary>
internal sealed class ReceiptEndpoints(Guide guide, Receipts receipts) : IFeature
{
    public static readonly Operation<string> Get = new(Audience.Agents, "get_receipt", "GET /agent/runs/{run_id}/receipt", "The signed receipt of a run of this session that was paid")
    {
        Resource = "agora://runs/{run_id}/receipt",
        Read = static call => call.Id("run_id"),
        Data = typeof(ReceiptData),
        Codes = [Codes.NotFound],
        DataExample = ReceiptData.Example,
    };

    private static readonly Rejection NotPaid = new(Codes.NotFound, "This session has no such run that was paid.");

    public void Map(Routes routes) => routes.Map(Get, GetReceipt);

    private async Task<Reply> GetReceipt(AgentCall call, string runId)
    {
        var row = call.Findings.Malformed is null ? await receipts.Paid(call.Tenant, call.Cancel, TableReader.Is("run_id", runId), TableReader.Is("session_id", call.SessionId)) : null;
        return await guide.Visit(
            call,
            async flow => await receipts.Of(row!.Value, call.Cancel) is { } receipt
                ? Reply.Ok(ReceiptData.Of(receipt)) with { NextActions = [Actions.FlowStatus] }
                : Reply.Refused(Receipts.NoKey),
            row is null ? NotPaid : null);
    }
}
