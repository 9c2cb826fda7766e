using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Upstreams;

/// <summary>Servers of tools that agents run as services: where each is, and what its tools cost.</summary>
internal sealed class UpstreamEndpoints(IEntities entities, TableReader tables) : IFeature
{
    public static readonly Operation<UpstreamRequest> Put = new(Audience.Operators, "put_upstream", "PUT /admin/upstreams/{upstream_id}", "Put an upstream: a server of tools (MCP) that agents run as services, once each is approved")
    {
        Read = UpstreamRequest.Read,
        Data = typeof(UpstreamData),
        Codes = AdminFlow.Edit,
        Headers = Preconditions.OfChange,
        AnswerHeaders = [Preconditions.Etag],
        BodyExample = """{"urls":["https://maps.example/mcp"],"auth":{"header":"Authorization","secret":"Bearer 3q2"},"category":"maps","price_cents":2,"provider":"maps-provider"}""",
        DataExample = UpstreamData.Example,
    };

    public static readonly Operation<string> Get = Edits.Read(Put, "get_upstream", "An upstream as it is now, all but its secret", static call => call.Id("upstream_id"));

    public static readonly Operation<Change<string>> Patch = Edits.Merge(Put, "patch_upstream", "Change an upstream: what is not named stays", static call => call.Id("upstream_id"), """{"price_cents":3}""");

    public static readonly Operation<Page> List = new(Audience.Operators, "list_upstreams", "GET /admin/upstreams", "List upstreams")
    {
        ListsIds = ["upstream_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(UpstreamsData),
        DataExample = $$"""{"upstreams":[{{UpstreamData.Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Delete = new(Audience.Operators, "delete_upstream", "DELETE /admin/upstreams/{upstream_id}", "Delete an upstream: none of its tools can be run any more, and one that is put again is approved anew")
    {
        Read = static call => call.Id("upstream_id"),
        Data = typeof(DeletedUpstreamData),
        Codes = AdminFlow.Mutation,
        DataExample = """{"upstream_id":"maps"}""",
    };

    public static readonly Operation<string> Refresh = new(Audience.Operators, "refresh_upstream", "POST /admin/upstreams/{upstream_id}/refresh", "Read an upstream's list of tools now, as happens each minute")
    {
        Read = static call => call.Id("upstream_id"),
        Data = typeof(UpstreamData),
        Codes = AdminFlow.Mutation,
        DataExample = UpstreamData.Example,
    };

    private static readonly Rejection TooMany = new Rejection(
        Codes.ValidationFailed, $"There are {Limits.Upstreams} upstreams already: delete one first.", [new("", "max_items", $"There are {Limits.Upstreams} upstreams already: delete one first.")]).AtMost("upstreams", Limits.Upstreams);

    private readonly Editing<string, UpstreamRequest, UpstreamCommand, UpstreamView> _edits = new()
    {
        Get = Get,
        Put = Put,
        Entity = (tenant, id) => entities.In(tenant).Upstream(id),
        Find = async (call, id) =>
        {
            var answer = await entities.In(call.Tenant).Upstream(id).Send(new UpstreamCommand.Get(), call.Fresh());
            var provider = answer.Reply is UpstreamView { Definition.Provider: { } paid } ? await Links.ToWallet(tables.In(call.Tenant), paid, call.Cancel) : null;
            return Found.Of<UpstreamView>(answer, view => UpstreamData.Of(view) with { Links = Links.Of(("tools", $"/admin/upstreams/{id}/tools"), ("provider", provider), Links.Acts(id)) });
        },
        IdOf = static put => put.UpstreamId,
        Path = static id => [id],
        Command = static (put, replacing) => new UpstreamCommand.Put(put.Definition, put.Secret is { } secret ? Personal.Of(secret) : null, replacing),
        Etag = static view => view.Etag,
        Data = static (_, view) => UpstreamData.Of(view),
    };

    public void Map(Routes routes) => routes.Map(Put, PutUpstream).Map(Get, _edits.Read).Map(Patch, _edits.Merge).Map(List, ListUpstreams).Map(Delete, DeleteUpstream).Map(Refresh, RefreshUpstream);

    private async Task<Reply> PutUpstream(OperatorCall call, UpstreamRequest put)
    {
        var there = await tables.In(call.Tenant).First(UpstreamTables.Upstreams, [], [TableReader.Is("deleted", 0L)], Limits.Upstreams, call.Cancel);
        return there.Count >= Limits.Upstreams && !there.Any(row => row.Text("upstream_id") == put.UpstreamId) ? Reply.Refused(TooMany) : await _edits.Replace(call, put);
    }

    private async Task<Reply> ListUpstreams(OperatorCall call, Page page)
    {
        var (rows, total) = await tables.In(call.Tenant).Page(UpstreamTables.Upstreams, page, [new("upstream_id")], call.Cancel, TableReader.Is("deleted", 0L));
        var answers = await Task.WhenAll(rows.Select(row => entities.In(call.Tenant).Upstream(row.Text("upstream_id")).Send(new UpstreamCommand.Get(), call.Fresh())));
        return Reply.Ok(new UpstreamsData([.. answers.Select(answer => answer.Reply).OfType<UpstreamView>().Select(UpstreamData.Of)], total.Number, total.Unknown(call.Words), page.Offset, page.Limit));
    }

    private Task<Reply> DeleteUpstream(OperatorCall call, string upstreamId) =>
        call.Send<UpstreamCommand, UpstreamDeleted>(entities.In(call.Tenant).Upstream(upstreamId), new UpstreamCommand.Delete(), deleted => new DeletedUpstreamData(deleted.UpstreamId));

    private Task<Reply> RefreshUpstream(OperatorCall call, string upstreamId) =>
        call.Send<UpstreamCommand, UpstreamView>(entities.In(call.Tenant).Upstream(upstreamId), new UpstreamCommand.Refresh(), UpstreamData.Of);
}
