using Agora.Core.Agents;

namespace Agora.Simulation.Checks;

/// <summary>
/// What stands of an agent's cards is the largest of all that were put, whatever order they came in: it begins with the first key, never falls, and what was revoked stays so. Whoever was answered finds its card
/// in what stands.
/// </summary>
public sealed class Cards(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, SignedCard> _stands = new(StringComparer.Ordinal);

    /// <summary>Cards that stood, one after the other.</summary>
    public int Count { get; private set; }

    public void Happened(Committed committed)
    {
        var next = committed.Event switch { AgentEvent.CardPut e => e.Card.Signed, AgentEvent.CardRevoked e => e.Card.Signed, _ => null };
        if (next is null) return;

        var what = $"{committed.Stream} (row {committed.Seq})";
        if (_stands.TryGetValue(committed.Stream.Id, out var before))
        {
            findings.Expect(before.Genesis == next.Genesis, $"{what} is bound to {next.Genesis}, and was to {before.Genesis}.");
            findings.Expect(Compare(before, next) <= 0, $"{what} has version {next.Version} after {next.Rotations.Count} rotations, and had {before.Version} after {before.Rotations.Count}.");
            findings.Expect(!before.IsRevoked || next.IsRevoked, $"{what} was revoked, and is not any more.");
            findings.Expect(!before.IsRevoked || committed.Event is not AgentEvent.CardPut, $"{what} was revoked, and is put again.");
        }

        _stands[committed.Stream.Id] = next;
        Count++;
    }

    /// <summary>Somebody was answered who had put a card.</summary>
    public void Answered(string agent, SignedCard put)
    {
        findings.Expect(_stands.TryGetValue(agent, out var stands) && stands.Genesis == put.Genesis && Compare(put, stands) <= 0, $"{agent} put version {put.Version} after {put.Rotations.Count} rotations, was answered, and what stands is {stands?.Version} after {stands?.Rotations.Count}.");
    }

    private static int Compare(SignedCard one, SignedCard other)
    {
        var rotations = one.Rotations.Count.CompareTo(other.Rotations.Count);
        var version = rotations != 0 ? rotations : one.Version.CompareTo(other.Version);
        return version != 0 ? version : string.CompareOrdinal(one.Hash, other.Hash);
    }
}
