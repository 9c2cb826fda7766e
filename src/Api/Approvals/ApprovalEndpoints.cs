using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Clocks;
using Agora.Web;

namespace Agora.Api.Approvals;

/// <summary>
/// What a user does with the link to a run that waits for approval: looks, and decides. Looking decides nothing, whoever follows the link
/// (programs that preview links do). The link is the only credential, and no cookie stands beside it, so no other page can use it unseen.
/// </summary>
internal sealed class ApprovalEndpoints(IEntities entities, TableReader tables, Catalogues catalogues, ApprovalLinks links, TenantTimes times) : IFeature
{
    private const string ByLink = "link";

    public static readonly Operation<string> Look = new(Audience.People, "see_approval", "GET /approvals/{token}", "What is asked of the user, as a page")
    {
        Read = static call => call.Id("token"),
        Data = typeof(ApprovalData),
        DataExample = ApprovalData.Example,
    };

    public static readonly Operation<UsersDecision> Decide = new(Audience.People, "decide_by_link", "POST /approvals/{token}", "The user's decision, as a form or as JSON")
    {
        Read = UsersDecision.Read,
        Data = typeof(ApprovalData),
        BodyExample = """{"decision":"approve"}""",
        DataExample = ApprovalData.Example,
    };

    private static readonly Rejection NoDecision = Findings.Invalid("decision", "enum", $"One of {Decision.Approve}, {Decision.Deny}.");

    public void Map(Routes routes) => routes.Map(Look, LookAt).Map(Decide, DecideBy);

    private async Task<Reply> LookAt(LinkCall call, string token)
    {
        var (run, refusal) = await Read(token);
        if (run is null) return ApprovalPage.Refused(refusal!, call.Words);

        return await Find(run, call.Cancel) is not { } found ? ApprovalPage.Refused(RunRejection.NoApproval, call.Words)
            : ApprovalPage.Of(found, found.OptionalText("service_id") is { } service ? catalogues.In(run.Tenant).Service(service)?.Definition.Name : null, found.Text("state") == ApprovalState.Pending.Name(), call.Words);
    }

    private Task<Reply> DecideBy(LinkCall call, UsersDecision asked) => call.Form is { } form
        ? Decided(call, asked with { Decision = Decision.FromForm(form) }, given => ApprovalPage.Decided(given.Approval, call.Words), rejection => ApprovalPage.Refused(rejection, call.Words))
        : Decided(call, asked, static given => Reply.Ok(ApprovalData.Of(given)), Reply.Refused);

    private async Task<Reply> Decided(LinkCall call, UsersDecision asked, Func<ApprovalGiven, Reply> given, Func<Rejection, Reply> refused)
    {
        var (run, refusal) = await Read(asked.Token);
        if (run is null || asked.Decision is null) return refused(refusal ?? NoDecision);
        if (await Find(run, call.Cancel) is not { } row) return refused(RunRejection.NoApproval);

        var listed = catalogues.In(run.Tenant).Listed(row.OptionalText("service_id"));
        var decide = new RunCommand.DecideApproval(run.RunId, asked.Decision == Decision.Approve, ByLink, Reason: null, listed);
        var answer = await entities.In(run.Tenant).Session(run.SessionId).Send(decide, Commands.Fresh(times.Of(run.Tenant)) with { Actor = ByLink });
        return answer.Rejection is { } rejection ? refused(rejection) : given(answer.As<ApprovalGiven>());
    }

    private async ValueTask<(LinkedRun? Run, Rejection? Refusal)> Read(string token)
    {
        var read = links.Read(token);
        return read.Run is { } run && await times.Current(run.Tenant) is null ? (null, ClockRejection.Over) : read;
    }

    private Task<NamedRow?> Find(LinkedRun run, CancellationToken cancel) => tables.In(run.Tenant).One(
        RunTables.Approvals, cancel, TableReader.Is("run_id", run.RunId.ToString("D")), TableReader.Is("session_id", run.SessionId));
}

/// <param name="Decision">Null: neither of the two.</param>
internal sealed record UsersDecision(string Token, string? Decision)
{
    public static UsersDecision Read(Call call) => new(call.Id("token"), Approvals.Decision.Read(call.Body));
}

/// <summary>The two things that can be said about a run that waits.</summary>
internal static class Decision
{
    public const string Approve = "approve";
    public const string Deny = "deny";
    private static readonly string[] Both = [Approve, Deny];

    public static string? Read(Fields body) => body.OneOf("decision", "Whether it goes ahead.", Both, required: true);

    /// <summary>One of the two bodies that a browser makes of the page's buttons; null: anything else.</summary>
    public static string? FromForm(ReadOnlySpan<byte> form) => form.SequenceEqual("decision=approve"u8) ? Approve : form.SequenceEqual("decision=deny"u8) ? Deny : null;
}

/// <param name="State">approved or denied.</param>
internal sealed record ApprovalData(string RunId, string State)
{
    public const string Example = """{"run_id":"0198c0de-0000-7000-8000-000000000000","state":"approved"}""";

    public static ApprovalData Of(ApprovalGiven given) => new(given.RunId.ToString(), given.Approval.Name());
}
