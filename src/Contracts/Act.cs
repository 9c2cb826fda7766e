namespace Agora.Contracts;

/// <summary>An operator's request, as it is kept in the journal beside what it decided: it is there exactly if that is.</summary>
/// <param name="Operation">What was asked for, by the name of its route.</param>
/// <param name="TargetId">The first id of its path: what it is about.</param>
/// <param name="PartId">The second one: which grant, key, reward, run or consent of that.</param>
/// <param name="Address">The caller's, behind proxies that are trusted.</param>
/// <param name="Reason">As the operator gave it; about a user it is sealed with the user's key.</param>
public sealed record Act(string Operation, string? TargetId = null, string? PartId = null, string? Address = null, string? RequestId = null, string? Reason = null);
