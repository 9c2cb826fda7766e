using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Sessions;

/// <summary>
/// What an agent may read of the audit: its own session's, as a rule; by <c>session_id</c> also a session's below it; and whoever was let in by a key of its own, what its
/// agent did for this user in other sessions. A delegated session bears a name that another agent gave it: it opens nothing.
/// </summary>
internal sealed class AuditHistory(TableReader tables, ListCursors cursors, OperationTable operations)
{
    private static readonly Rejection Foreign = Findings.Invalid(
        "cursor", "pattern", "It is no cursor of this list with these filters. Send the filters that it came with, or begin anew without it.");

    public static ListRequest Read(Call call) => ListRequest.Read(
        call,
        static filters => filters
            .Text("operation", "Only this operation.").Id("session_id", "Of this session: this one, one below it, or another of its agent for its user. Absent: this one.")
            .Id("agent_id", "Of all sessions of this agent for this user; it is this session's.").Id("user_id", "Of all sessions of this agent for this user; it is this session's.")
            .Status(AuditTables.Status, "Only what was answered with this status.").Times(AuditTables.Time),
        hasOffset: true);

    /// <summary>Of a cursor that is of another list, another session's or other filters'; null: go on.</summary>
    public Rejection? Refusal(AgentCall call, ListRequest asked) => asked.Cursor is { } cursor && cursors.Read(ListOf(call, asked), cursor) is null ? Foreign : null;

    public async Task<Reply> Page(AgentCall call, SessionView session, ListRequest asked)
    {
        var own = tables.In(call.Tenant);
        var list = ListOf(call, asked);
        var after = asked.Cursor is { } cursor ? cursors.Read(list, cursor) : null;
        var readable = await Readable(own, session, asked.Filters, call.Cancel);
        var source = new ListSource<AuditEntryData>(AuditTables.All, row => AuditEntryData.Of(row, operations, session), EmptyBecause.NothingRecorded);
        var page = readable is null ? new([], null, 0, 0, null) : await ListPage.Read(source, own, readable, asked, after, CountUpTo(asked), call.Cancel);
        var next = page.Next is { } position ? cursors.Mint(list, position) : null;
        return Reply.Ok(new AuditData(
            await source.Items(own, page.Rows, call.Cancel),
            page.Count,
            call.Said(page.CountUnknown),
            asked.Offset ?? 0,
            asked.Limit,
            next is not null,
            next,
            page.Rows.Count > 0 ? null : call.Said(WhyEmpty(asked, page, readable is not null)))) with { NextCursor = next };
    }

    private static string ListOf(AgentCall call, ListRequest asked) => $"{SessionEndpoints.Audit.Name}\n{call.Tenant.Name}\n{call.SessionId}\n{asked.Filters.Canonical}";

    /// <summary>One session's calls are counted as far as a page looks, as those of an offset are.</summary>
    private static long CountUpTo(ListRequest asked) => (asked.Offset is not null || !IsWide(asked.Filters) ? Limits.LookedAt : Limits.Counted) + 1L;

    private static bool IsWide(Filters filters) => filters["session_id"] is null && (filters["agent_id"] ?? filters["user_id"]) is not null;

    /// <summary>Conditions that hold of nothing else than what the session may read; null: it may read none of it.</summary>
    private async Task<IReadOnlyList<Condition>?> Readable(TenantTables own, SessionView session, Filters filters, CancellationToken cancel)
    {
        if (IsAnother(filters["user_id"], session.UserId)) return null;
        if (filters["session_id"] is null && IsAnother(filters["agent_id"], session.AgentId)) return null;

        var where = filters.As(AuditTables.Operation, operations.StoredNameOf).Where;
        if (filters["session_id"] is { } id) return await MayRead(own, session, id, cancel) ? where : null;

        return IsWide(filters) && session.Path is null
            ? [.. where.Where(one => one.Column is not ("agent_id" or "user_id")), TableReader.Is("agent_id", session.AgentId), TableReader.Is("user_id", session.UserId)]
            : [.. where, TableReader.Is("session_id", session.SessionId)];
    }

    private static bool IsAnother(string? named, string own) => named is not null && named != own;

    private static async Task<bool> MayRead(TenantTables own, SessionView session, string id, CancellationToken cancel)
    {
        if (id == session.SessionId) return true;
        if (await Row(id) is not { } row || row.Text("user_id") != session.UserId) return false;
        if (session.Path is null && row.Text("agent_id") == session.AgentId) return true;

        for (var parent = row.OptionalText("parent_session_id"); parent is not null; parent = (await Row(parent))?.OptionalText("parent_session_id"))
        {
            if (parent == session.SessionId) return true;
        }

        return false;

        Task<NamedRow?> Row(string sessionId) => own.One(UserTables.Sessions, cancel, TableReader.Is("session_id", sessionId));
    }

    private static string WhyEmpty(ListRequest asked, ListPage page, bool isReadable) => !isReadable ? EmptyBecause.NotReadable
        : page.Next is not null ? ListPage.LookFurther
        : asked.Cursor is not null || page.Matched > 0 ? ListReasons.ListEnds
        : asked.Filters.Said.Count > 0 ? EmptyBecause.NoEntryMatches
        : EmptyBecause.NothingRecorded;
}
