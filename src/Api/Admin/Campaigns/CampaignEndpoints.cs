using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Campaigns;

/// <summary>Campaigns, their escrow, and what agents have done for them.</summary>
internal sealed class CampaignEndpoints(IEntities entities, Catalogues catalogues, TableReader tables, CompletionReport report) : IFeature
{
    private const string Example = """{"campaign_id":"survey","sponsor":"Acme","owner":null,"task":{"name":"Product survey","type":"survey","description":"Answer three questions","schema":{"type":"object"},"data_types":["preferences"],"consents":["data_sharing"]},"services":[{"service_id":"summary","max_price_cents":30}],"targeting":{},"runs_per_completion":3,"max_cents_per_user":null,"daily_cap_cents":null,"max_completions":null,"starts_at":null,"ends_at":null,"reward_cents":50,"payout_delay_seconds":3600,"allow_related":false,"active":true,"closed":false,"completions":0,"escrow":{"funded_cents":10000,"held_cents":0,"spent_cents":0,"remaining_cents":10000},"rewards":{"paid_cents":0,"pending_cents":0,"disputed_cents":0},"updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static readonly Operation<(string CampaignId, CampaignDefinition Definition)> Put = new(Audience.Operators, "put_campaign", "PUT /admin/campaigns/{campaign_id}", "Put a campaign: its task, what it pays for, for whom and when")
    {
        Owners = Role.Sponsor,
        Read = static call => (call.Id("campaign_id"), CampaignRequest.Read(call)),
        Data = typeof(CampaignData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"sponsor":"Acme","task":{"name":"Product survey","type":"survey","description":"Answer three questions","schema":{"type":"object"},"data_types":["preferences"],"consents":["data_sharing"]},"services":[{"service_id":"summary","max_price_cents":30}],"targeting":{},"runs_per_completion":3}""",
        DataExample = Example,
    };

    public static readonly Operation<(string CampaignId, long? AmountMicros)> Fund = new(Audience.Operators, "fund_campaign", "POST /admin/campaigns/{campaign_id}/fund", "Add money to a campaign's escrow")
    {
        Least = Role.Admin,
        Read = static call => (call.Id("campaign_id"), call.Body.Amount("amount_cents", "What is added.")),
        Data = typeof(CampaignData),
        RequiresKey = true,
        Codes = AdminFlow.Mutation,
        BodyExample = """{"amount_cents":10000}""",
        DataExample = Example,
    };

    public static readonly Operation<string> Close = new(Audience.Operators, "close_campaign", "POST /admin/campaigns/{campaign_id}/close", "Close a campaign; its unspent escrow goes back to the sponsor")
    {
        Owners = Role.Sponsor,
        Read = static call => call.Id("campaign_id"),
        Data = typeof(CampaignData),
        RequiresKey = true,
        Codes = AdminFlow.Mutation,
        DataExample = Example,
    };

    public static readonly Operation<string> Get = Edits.Read(Put, "get_campaign", "A campaign and its escrow as they are now", static call => call.Id("campaign_id"));

    public static readonly Operation<Change<string>> Patch = Edits.Merge(Put, "patch_campaign", "Change a campaign: what is not named stays", static call => call.Id("campaign_id"), """{"daily_cap_cents":500,"task":{"description":"Answer three short questions"}}""");

    public static readonly Operation<Page> List = new(Audience.Operators, "list_campaigns", "GET /admin/campaigns", "List campaigns, each with its escrow and completions as they are now")
    {
        ListsIds = ["campaign_id"],
        Owners = Role.Sponsor,
        ListsOwn = true,
        Read = static call => call.Query.Page(),
        Data = typeof(CampaignsData),
        DataExample = $$"""{"campaigns":[{{Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<(string CampaignId, Page Page)> Completions = new(Audience.Operators, "list_completions", "GET /admin/campaigns/{campaign_id}/completions", "What agents have done for a campaign; Accept: text/csv gives CSV")
    {
        Owners = Role.Sponsor,
        HasCsv = true,
        Read = static call => (call.Id("campaign_id"), call.Query.Page()),
        Data = typeof(CompletionsData),
        Codes = [Codes.NotFound],
        DataExample = """{"completions":[{"completion_id":"0198c0de-0000-7000-8000-000000000000","user_id":"user-1","session_id":"0198c0de","agent_id":"agent-1","execution_mode":"agent","completed_at":"2030-01-01T00:00:00.000000Z","output":{"rating":5},"consents":[{"consent_id":"c-1","type":"data_sharing","granted_at":"2030-01-01T00:00:00.000000Z","withdrawn_at":null}]}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    private readonly Editing<string, (string CampaignId, CampaignDefinition Definition), CampaignCommand, CampaignView> _edits = new()
    {
        Get = Get,
        Put = Put,
        Entity = (tenant, id) => entities.In(tenant).Campaign(id),
        Find = async (call, id) => Found.Of<CampaignView>(
            await entities.In(call.Tenant).Campaign(id).Send(new CampaignCommand.Get(), call.Fresh()),
            view => CampaignData.Of(view) with { Warnings = CampaignWarningData.Of(call, view.Definition, catalogues.In(call.Tenant)), Links = Links.Of([.. Links.Lists("campaign_id", id, "runs", "payments", "refusals"), ("progress", $"/admin/campaigns/{id}/progress"), ("completions", $"/admin/campaigns/{id}/completions"), ("rewards", $"/admin/campaigns/{id}/rewards"), Links.Acts(id)]) }),
        IdOf = static put => put.CampaignId,
        Path = static id => [id],
        Command = static (put, replacing) => new CampaignCommand.PutCampaign(put.Definition, replacing),
        Etag = static view => view.Etag,
        Data = static (_, view) => CampaignData.Of(view),
        Warned = (call, view, data) => (CampaignData)data with { Warnings = CampaignWarningData.Of(call, view.Definition, catalogues.In(call.Tenant)) },
        Heard = (tenant, view) => catalogues.In(tenant).Put(view),
    };

    public void Map(Routes routes) => routes
        .Map(Put, _edits.Replace).Map(Fund, FundCampaign).Map(Close, CloseCampaign).Map(Get, _edits.Read).Map(Patch, _edits.Merge).Map(List, ListCampaigns).Map(Completions, ListCompletions);

    private Task<Reply> FundCampaign(OperatorCall call, (string CampaignId, long? AmountMicros) fund) => Send(call, fund.CampaignId, new CampaignCommand.Fund(fund.AmountMicros!.Value));

    private Task<Reply> CloseCampaign(OperatorCall call, string campaignId) => Send(call, campaignId, new CampaignCommand.Close());

    /// <summary>The table says which; each of the page, a hundred at most, says itself how it stands.</summary>
    private async Task<Reply> ListCampaigns(OperatorCall call, Page page)
    {
        if (call.OnlyOf is { } owner) return await ListCampaignsOf(call, owner, page);

        var (rows, total) = await tables.In(call.Tenant).Page(CampaignTables.Campaigns, page, [new("campaign_id")], call.Cancel);
        return Reply.Ok(new CampaignsData(await Stand(call, rows.Select(row => row.Text("campaign_id"))), total.Number, total.Unknown(call.Words), page.Offset, page.Limit));
    }

    /// <summary>No table says whose they are, and the catalogue has all of them; whose each is now says the campaign.</summary>
    private async Task<Reply> ListCampaignsOf(OperatorCall call, string owner, Page page)
    {
        var own = catalogues.In(call.Tenant).Campaigns.Where(campaign => campaign.Definition.Owner == owner).Select(campaign => campaign.CampaignId).ToList();
        var shown = await Stand(call, own.Skip(page.Offset).Take(page.Limit));
        return Reply.Ok(new CampaignsData([.. shown.Where(campaign => campaign.Owner == owner)], own.Count, null, page.Offset, page.Limit));
    }

    private async Task<IReadOnlyList<CampaignData>> Stand(OperatorCall call, IEnumerable<string> ids) =>
        [.. (await Task.WhenAll(ids.Select(async id => (CampaignView)(await entities.In(call.Tenant).Campaign(id).Send(new CampaignCommand.Get(), call.Fresh())).Reply!))).Select(CampaignData.Of)];

    private async Task<Reply> ListCompletions(OperatorCall call, (string CampaignId, Page Page) asked)
    {
        var found = await entities.In(call.Tenant).Campaign(asked.CampaignId).Send(new CampaignCommand.Get(), call.Context);
        return found.Rejection is { } rejection ? Reply.Refused(rejection) : await report.Page(call, asked.CampaignId, asked.Page);
    }

    private Task<Reply> Send(OperatorCall call, string campaignId, CampaignCommand command) => call.Send<CampaignCommand, CampaignView>(entities.In(call.Tenant).Campaign(campaignId), command, view => Seen(call.Tenant, view));

    /// <summary>What this process has just heard it shows at once.</summary>
    private CampaignData Seen(Tenant tenant, CampaignView view)
    {
        catalogues.In(tenant).Put(view);
        return CampaignData.Of(view);
    }
}
