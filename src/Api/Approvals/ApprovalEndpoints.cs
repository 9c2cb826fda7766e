using System.Text;
using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Api.Approvals;

/// <summary>
/// What a user does with the link to a run that waits for approval: looks, and decides. Looking decides nothing, whoever follows the link
/// (programs that preview links do). The link is the only credential, and no cookie stands beside it, so no other page can use it unseen.
/// </summary>
internal sealed class ApprovalEndpoints(IEntities entities, TableReader tables, ServiceCatalogue catalogue, ApprovalLinks links, TimeProvider time)
{
    public const string Approve = "approve";
    public const string Deny = "deny";
    public const string ByLink = "link";

    public static readonly Operation Look = new("see_approval", "GET", "/approvals/{token}", "What is asked of the user, as a page", typeof(ApprovalData)) { DataExample = ApprovalData.Example };

    public static readonly Operation Decide = new("decide_by_link", "POST", "/approvals/{token}", "The user's decision, as a form or as JSON", typeof(ApprovalData)) { DataExample = ApprovalData.Example };

    private static readonly Rejection NoDecision = Findings.Invalid("decision", "enum", $"One of {Approve}, {Deny}.");

    private const string FormType = "application/x-www-form-urlencoded";

    public async Task LookAt(HttpContext http) => await ApprovalPage.Write(http, await PageOf(http));

    public async Task DecideBy(HttpContext http)
    {
        if (Body.Is(http.Request, FormType))
        {
            await ApprovalPage.Write(http, await Decided(http, await FromForm(http), static given => ApprovalPage.Decided(given.Approval), ApprovalPage.Refused));
            return;
        }

        var findings = new Findings();
        using var body = await Body.Read(http, findings);
        var fields = new Fields(body.Root, "", findings);
        var decision = fields.OneOf("decision", [Approve, Deny], required: true);
        fields.Finish();
        var reply = findings.Refusal is { } refusal ? Reply.Refused(refusal) : await Decided(http, decision, static given => Reply.Ok(ApprovalData.Of(given)), Reply.Refused);
        await reply.Write(http);
    }

    private async Task<Reply> PageOf(HttpContext http)
    {
        var (runId, sessionId, refusal) = links.Read(Token(http));
        if (refusal is not null)
        {
            return ApprovalPage.Refused(refusal);
        }

        var row = await tables.One(SessionTables.Approvals, http.RequestAborted, TableReader.Is("run_id", runId.ToString("D")), TableReader.Is("session_id", sessionId));
        return row is not { } found ? ApprovalPage.Refused(SessionRejection.NoApproval)
            : ApprovalPage.Of(found, found.OptionalText("service_id") is { } service ? catalogue.Service(service)?.Definition.Name : null, found.Text("state") == ApprovalState.Pending.Name());
    }

    private async Task<Reply> Decided(HttpContext http, string? decision, Func<ApprovalGiven, Reply> given, Func<Rejection, Reply> refused)
    {
        var (runId, sessionId, refusal) = links.Read(Token(http));
        if (refusal is not null || decision is null)
        {
            return refused(refusal ?? NoDecision);
        }

        var context = IdempotencyKeys.Context(null, "", "", default, time) with { Actor = ByLink };
        var answer = await entities.Session(sessionId).Send(new SessionCommand.DecideApproval(runId, decision == Approve, ByLink, Reason: null), context);
        return answer.Rejection is { } rejection ? refused(rejection) : given((ApprovalGiven)answer.Reply!);
    }

    /// <summary>One of the two bodies that a browser makes of the page's buttons; null: anything else.</summary>
    private static async Task<string?> FromForm(HttpContext http)
    {
        var form = await Body.ReadAtMost(http, FormOf(Approve).Length);
        return form.AsSpan().SequenceEqual(FormOf(Approve)) ? Approve : form.AsSpan().SequenceEqual(FormOf(Deny)) ? Deny : null;
    }

    private static byte[] FormOf(string decision) => Encoding.ASCII.GetBytes($"decision={decision}");

    private static string Token(HttpContext http) => (string?)http.GetRouteValue("token") ?? "";
}

/// <param name="State">approved or denied.</param>
internal sealed record ApprovalData(string RunId, string State)
{
    public const string Example = """{"run_id":"0198c0de-0000-7000-8000-000000000000","state":"approved"}""";

    public static ApprovalData Of(ApprovalGiven given) => new(given.RunId.ToString(), given.Approval.Name());
}
