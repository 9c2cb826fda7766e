namespace Agora.Contracts;

/// <summary>An operator's request, as it is kept in the journal beside what it decided: it is there exactly if that is.</summary>
/// <param name="Operation">What was asked for, by the name of its route.</param>
/// <param name="TargetId">The first id of its path: what it is about.</param>
/// <param name="PartId">The second one: which grant, key, reward, run or consent of that.</param>
/// <param name="Address">The caller's, behind proxies that are trusted.</param>
/// <param name="Changes">What the body named; null: nothing, or a release before this was kept.</param>
/// <param name="Reason">As the operator gave it; about a user it is sealed with the user's key.</param>
public sealed record Act(string Operation, string? TargetId = null, string? PartId = null, string? Address = null, string? RequestId = null, string? Reason = null, IReadOnlyList<ActChange>? Changes = null)
{
    /// <summary>The same of what had no id in the path, for the decision made it.</summary>
    public Act About(string? made) => PartId is null && made is not null ? this with { PartId = made } : this;
}

/// <summary>A member that the request named. Amounts alone have values here: anything else in a body may be somebody's words.</summary>
/// <param name="Member">Its path, by dots.</param>
/// <param name="FromMicros">What it was when a change was merged; null: nothing, or not known (a put does not say).</param>
/// <param name="ToMicros">Null: it was taken away, or is no amount.</param>
public sealed record ActChange(string Member, long? FromMicros = null, long? ToMicros = null);
