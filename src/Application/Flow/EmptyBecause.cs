
namespace Agora.Application.Flow;

/// <summary>Why an agent's list is empty, and what would change it.</summary>
internal static class EmptyBecause
{
    public const string PastTheEnd = "The list ends before this: begin anew with offset 0.";
    public const string NoServices = "The catalogue has no service that can be run; an operator puts services.";
    public const string NoneInScope = "This session's scopes allow none of the services that there are; a session with more of allowed_categories sees them, and include_out_of_scope=true shows them.";
    public const string NoneMatch = "There are services in scope, and none matches the search; say less in q, or leave a filter out.";
    public const string NoCampaigns = "No campaign is open now; an operator puts and funds campaigns.";
    public const string NoTasksInScope = "This session's scopes allow no task of the campaigns that are open; a session with more of allowed_task_types, allowed_data_types and allowed_consents sees them.";
    public const string NoTasksForUser = "No open campaign has a task for this user that still pays: each is full, spent, or meant for others; more money or another campaign would change it.";
    public const string NotReadable = "This session may read its own calls, those of sessions below it and, unless it was delegated, those of its agent for its user; this is none of them.";
    public const string NothingRecorded = "Nothing is recorded yet: a read is in the list within a second after its answer.";
    public const string NoEntryMatches = "Calls were recorded, and none matches; leave a filter out, or widen it.";

    public static string OfTasks(FlowState flow, int total) => total > 0 ? PastTheEnd
        : !flow.Catalogue.Campaigns.Any(flow.IsOffered) ? NoCampaigns
        : !flow.Catalogue.Campaigns.Any(c => flow.IsOffered(c) && flow.IsInScope(c)) ? NoTasksInScope
        : NoTasksForUser;
}
