using Agora.Api.Catalogue;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;

namespace Agora.Api.Admin.Campaigns;

/// <summary>Campaigns, their escrow, and what agents have done for them.</summary>
internal sealed class CampaignEndpoints(IEntities entities, ServiceCatalogue catalogue, TableReader tables, CompletionReport report)
{
    private const string Example = """{"campaign_id":"survey","sponsor":"Acme","owner":null,"task":{"name":"Product survey","type":"survey","description":"Answer three questions","schema":{"type":"object"},"data_types":["preferences"],"consents":["data_sharing"]},"services":[{"service_id":"summary","max_price_cents":30}],"targeting":{},"runs_per_completion":3,"max_cents_per_user":null,"daily_cap_cents":null,"max_completions":null,"starts_at":null,"ends_at":null,"reward_cents":50,"payout_delay_seconds":3600,"allow_related":false,"active":true,"closed":false,"completions":0,"escrow":{"funded_cents":10000,"held_cents":0,"spent_cents":0,"remaining_cents":10000},"rewards":{"paid_cents":0,"pending_cents":0,"disputed_cents":0},"updated_at":"2030-01-01T00:00:00Z"}""";

    public static readonly Operation Put = new("put_campaign", "PUT", "/admin/campaigns/{campaign_id}", "Put a campaign: its task, what it pays for, for whom and when", typeof(CampaignData))
    {
        Body = Takes.Members,
        BodySchema = CampaignRequest.Schema,
        Codes = AdminFlow.Mutation,
        BodyExample = """{"sponsor":"Acme","task":{"name":"Product survey","type":"survey","description":"Answer three questions","schema":{"type":"object"},"data_types":["preferences"],"consents":["data_sharing"]},"services":[{"service_id":"summary","max_price_cents":30}],"targeting":{},"runs_per_completion":3}""",
        DataExample = Example,
    };

    public static readonly Operation Fund = new("fund_campaign", "POST", "/admin/campaigns/{campaign_id}/fund", "Add money to a campaign's escrow", typeof(CampaignData))
    {
        Body = Takes.Members,
        RequiresKey = true,
        BodySchema = BodySchemas.Closed(["amount_cents"], new() { ["amount_cents"] = BodySchemas.Cents("What is added.") }),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"amount_cents":10000}""",
        DataExample = Example,
    };

    public static readonly Operation Close = new("close_campaign", "POST", "/admin/campaigns/{campaign_id}/close", "Close a campaign; its unspent escrow goes back to the sponsor", typeof(CampaignData))
    {
        Body = Takes.Empty,
        RequiresKey = true,
        Codes = AdminFlow.Mutation,
        DataExample = Example,
    };

    public static readonly Operation Get = new("get_campaign", "GET", "/admin/campaigns/{campaign_id}", "A campaign and its escrow as they are now", typeof(CampaignData))
    {
        Codes = [Codes.NotFound],
        DataExample = Example,
    };

    public static readonly Operation List = new("list_campaigns", "GET", "/admin/campaigns", "List campaigns, each with its escrow and completions as they are now", typeof(CampaignsData))
    {
        Query = ["offset", "limit"],
        DataExample = $$"""{"campaigns":[{{Example}}],"total_count":1,"offset":0,"limit":50}""",
    };

    public static readonly Operation Completions = new("list_completions", "GET", "/admin/campaigns/{campaign_id}/completions", "What agents have done for a campaign; Accept: text/csv gives CSV", typeof(CompletionsData))
    {
        Query = ["offset", "limit"],
        Codes = [Codes.NotFound],
        DataExample = """{"completions":[{"completion_id":"0198c0de-0000-7000-8000-000000000000","user_id":"user-1","session_id":"0198c0de","agent_id":"agent-1","execution_mode":"agent","completed_at":"2030-01-01T00:00:00Z","output":{"rating":5},"consents":[{"consent_id":"c-1","type":"data_sharing","granted_at":"2030-01-01T00:00:00Z","withdrawn_at":null}]}],"total_count":1,"offset":0,"limit":50}""",
    };

    public async Task<Reply> PutCampaign(OperatorCall call)
    {
        var campaignId = call.PathId("campaign_id");
        var definition = CampaignRequest.Read(call.Body, call.Findings);
        return await Send(call, campaignId, new CampaignCommand.PutCampaign(definition));
    }

    public async Task<Reply> FundCampaign(OperatorCall call)
    {
        var campaignId = call.PathId("campaign_id");
        var amount = call.Body.Cents("amount_cents");
        if (amount == 0)
        {
            call.Body.Violate("amount_cents", "exclusiveMinimum", "The amount is more than 0.");
        }

        call.Body.Finish();
        return await Send(call, campaignId, new CampaignCommand.Fund(amount ?? 0));
    }

    public async Task<Reply> CloseCampaign(OperatorCall call)
    {
        var campaignId = call.PathId("campaign_id");
        call.Body.Finish();
        return await Send(call, campaignId, new CampaignCommand.Close());
    }

    public async Task<Reply> GetCampaign(OperatorCall call)
    {
        var campaignId = call.PathId("campaign_id");
        call.Query.Finish();
        return await Send(call, campaignId, new CampaignCommand.Get());
    }

    /// <summary>The table says which; each of the page, a hundred at most, says itself how it stands.</summary>
    public async Task<Reply> ListCampaigns(OperatorCall call)
    {
        var listed = await AdminFlow.Listed(
            call, tables, CampaignTables.Campaigns, "campaign_id", row => row.Text("campaign_id"), (ids, total, page) => new ListedIds(ids, total, page));
        if (listed.Data is not ListedIds(var ids, var total, var page))
        {
            return listed;
        }

        var campaigns = await Task.WhenAll(ids.Select(async id => (CampaignView)(await entities.Campaign(id).Send(new CampaignCommand.Get(), call.Fresh())).Reply!));
        return Reply.Ok(new CampaignsData([.. campaigns.Select(CampaignData.Of)], total, page.Offset, page.Limit));
    }

    public async Task<Reply> ListCompletions(OperatorCall call)
    {
        var campaignId = call.PathId("campaign_id");
        var page = call.Query.Page();
        call.Query.Finish();
        if (call.Findings.Refusal is not null)
        {
            return Reply.Invalid(call.Findings);
        }

        var found = await entities.Campaign(campaignId).Send(new CampaignCommand.Get(), call.Context);
        return found.Rejection is { } rejection ? Reply.Refused(rejection) : await report.Page(call, campaignId, page);
    }

    private async Task<Reply> Send(OperatorCall call, string campaignId, CampaignCommand command) => call.Findings.Refusal is not null
        ? Reply.Invalid(call.Findings)
        : await call.Send<CampaignCommand, CampaignView>(entities.Campaign(campaignId), command, (view, _) => Seen(view));

    private sealed record ListedIds(IReadOnlyList<string> Ids, long Total, Page Page);

    /// <summary>What this process has just heard it shows at once.</summary>
    private Reply Seen(CampaignView view)
    {
        catalogue.Put(view);
        return Reply.Ok(CampaignData.Of(view));
    }
}
