namespace Agora.Core.Agents;

/// <summary>
/// What an agent says of itself, under its own key, as its stream keeps it. Whoever brings it has verified every signature of it; here is decided what stands.
/// <para>Two records of one agent that begin with the same key have one merge, whichever is asked first and however often: the longer chain of rotations wins, then the
/// higher version, then the larger hash; and a revocation of either is one of both. So nodes that exchange what they have come to the same (property-tested:
/// commutative, associative, idempotent). Records that begin with different keys are two agents' and have none.</para>
/// </summary>
/// <param name="Genesis">The key of the first registration, 32 bytes in base64url: it binds the id.</param>
/// <param name="Key">The key that signs now: that of the last rotation, or the first one.</param>
/// <param name="Version">Of the card, as it says itself.</param>
/// <param name="Jws">The card, by <paramref name="Key"/>; kept as it came, for a signature is over bytes.</param>
/// <param name="Rotations">Each says which key follows, by the key before it; from the first key on.</param>
/// <param name="Hash">SHA-256 of card and rotations, lower-case hex.</param>
/// <param name="Revocation">The word of one of its keys that the record is worth nothing any more, or <see cref="OperatorsWord"/>; null: it is not revoked.</param>
public sealed record SignedCard(string Genesis, string Key, long Version, string Jws, IReadOnlyList<string> Rotations, string Hash, string? Revocation = null)
{
    /// <summary>An operator's, and no key's. It stands above any key's, for what is signed begins with a lower letter.</summary>
    public const string OperatorsWord = "operator";

    public bool IsRevoked => Revocation is not null;

    /// <param name="other">It begins with the same key.</param>
    public SignedCard Merge(SignedCard other) => (Precedes(other) ? other : this).Revoke(Revocation).Revoke(other.Revocation);

    /// <summary>Whatever comes first: of several words one stands.</summary>
    public SignedCard Revoke(string? word) => string.CompareOrdinal(Revocation, word) >= 0 ? this : this with { Revocation = word };

    /// <summary>Records with lists do not compare by content; the hash is over all that can differ, but for the revocation.</summary>
    public bool Is(SignedCard other) => Hash == other.Hash && Revocation == other.Revocation;

    private bool Precedes(SignedCard other)
    {
        var order = Rotations.Count.CompareTo(other.Rotations.Count);
        order = order != 0 ? order : Version.CompareTo(other.Version);
        return (order != 0 ? order : string.CompareOrdinal(Hash, other.Hash)) < 0;
    }
}

/// <param name="Signed">As it stands.</param>
/// <param name="UpdatedAt">When anything of this last changed.</param>
/// <param name="LeaseUntil">The agent was there, and said that it would be until then; null: it never did.</param>
/// <param name="LeaseSeconds">How long that was.</param>
public sealed record AgentCard(string AgentId, SignedCard Signed, DateTimeOffset RegisteredAt, DateTimeOffset UpdatedAt, DateTimeOffset? LeaseUntil = null, int LeaseSeconds = 0);

/// <param name="Until">The agent is online until then.</param>
public sealed record AgentLease(DateTimeOffset Until, int Seconds);
