using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Web;

namespace Agora.Api.Admin.Upstreams;

/// <summary>What an upstream offers, and an operator's yes to it. Only what is approved do agents see and call, and in the words that were approved.</summary>
internal sealed class UpstreamToolEndpoints(IEntities entities) : IFeature
{
    public static readonly Operation<(string UpstreamId, string? State, Page Page)> List = new(Audience.Operators, "list_upstream_tools", "GET /admin/upstreams/{upstream_id}/tools", "Tools of an upstream: what it offers, what was approved, and where these differ")
    {
        Read = static call => (call.Id("upstream_id"), call.Query.OneOf("state", "Only those.", UpstreamToolData.States), call.Query.Page()),
        Data = typeof(UpstreamToolsData),
        Codes = [Codes.NotFound],
        DataExample = $$"""{"tools":[{{UpstreamToolData.Example}}],"total_count":1,"offset":0,"limit":50}""",
    };

    public static readonly Operation<ApproveRequest> Approve = new(Audience.Operators, "approve_tool", "POST /admin/upstreams/{upstream_id}/tools/{service_id}/approve", "Approve a tool as it was looked at: agents find and run it as a service from then on")
    {
        Read = ApproveRequest.Read,
        Data = typeof(UpstreamToolData),
        Codes = AdminFlow.Edit,
        BodyExample = """{"hash":"3q2-7wAAAAAAAAAAAAAAAA"}""",
        DataExample = UpstreamToolData.Example,
    };

    private static readonly IReadOnlyList<string> Untrusted = ["data.offered", "data.approved"];

    public void Map(Routes routes) => routes.Map(List, ListTools).Map(Approve, ApproveTool);

    private async Task<Reply> ListTools(OperatorCall call, (string UpstreamId, string? State, Page Page) asked)
    {
        var answer = await Tools(call, asked.UpstreamId);
        if (answer.Rejection is { } refusal) return Reply.Refused(refusal);

        var all = answer.As<UpstreamTools>().Tools;
        var twins = ToolWarnings.TwinNames(all);
        var tools = all.Select(tool => UpstreamToolData.Of(tool, twins)).Where(tool => asked.State is null || tool.State == asked.State).ToList();
        return Reply.Ok(new UpstreamToolsData([.. tools.Skip(asked.Page.Offset).Take(asked.Page.Limit)], tools.Count, asked.Page.Offset, asked.Page.Limit)) with { UntrustedFields = UpstreamToolData.Untrusted };
    }

    private async Task<Reply> ApproveTool(OperatorCall call, ApproveRequest asked)
    {
        var twins = ToolWarnings.TwinNames((await Tools(call, asked.UpstreamId)).Reply is UpstreamTools known ? known.Tools : []);
        var reply = await call.Send<UpstreamCommand, UpstreamTool>(entities.In(call.Tenant).Upstream(asked.UpstreamId), new UpstreamCommand.Approve(asked.ServiceId, asked.Hash), tool => UpstreamToolData.Of(tool, twins));
        return reply.Refusal is null ? reply with { UntrustedFields = Untrusted } : reply;
    }

    private Task<Answer> Tools(OperatorCall call, string upstreamId) => entities.In(call.Tenant).Upstream(upstreamId).Send(new UpstreamCommand.GetTools(), call.Fresh());
}
