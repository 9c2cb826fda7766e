namespace Agora.Grains.Kernel;

/// <summary>
/// Requests that wait for places, ordered by need: the tenant that holds least comes first, within it the user that holds least, then the session that holds least, then the request that came first. Not safe from several threads.
/// <para>Cost: a change moves one tenant, one user and one session in their order, however many requests wait. A search looks at one session of a user, and at further users of a tenant only while the sessions of those before hold all that a
/// session may.</para>
/// </summary>
public sealed class FairQueue
{
    private readonly Line _all = new("", 0, 0);
    private long _arrived;

    /// <param name="owner">Of the request.</param>
    /// <param name="amount">Of places.</param>
    /// <param name="heldBy">How much an owner holds now; <see cref="Change"/> says what changes from then on.</param>
    public Waiter Add(PlaceOwner owner, long amount, Func<PlaceOwner, long> heldBy)
    {
        var tenant = _all.Of(owner.Tenant, ++_arrived, heldBy(owner.WithoutUser));
        var user = tenant.Of(owner.User, ++_arrived, heldBy(owner.WithoutSession));
        var session = user.Of(owner.Session, ++_arrived, heldBy(owner));
        var waiter = new Waiter(owner, amount);
        waiter.Node = session.Waiters.AddLast(waiter);
        return waiter;
    }

    /// <returns>False: it does not wait any more.</returns>
    public bool Remove(Waiter waiter)
    {
        if (waiter.Node is not { } node) return false;

        waiter.Node = null;
        node.List!.Remove(node);
        var (tenant, user, session) = Find(waiter.Owner);
        user!.DropIfEmpty(session!);
        tenant!.DropIfEmpty(user);
        _all.DropIfEmpty(tenant);
        return true;
    }

    /// <summary>The owner holds this much more.</summary>
    public void Change(PlaceOwner owner, long amount)
    {
        var (tenant, user, session) = Find(owner);
        _all.Change(tenant, amount);
        tenant?.Change(user, amount);
        user?.Change(session, amount);
    }

    /// <param name="full">Whose places are all taken for a request; none: it gets its places.</param>
    /// <returns>Null: none gets its places.</returns>
    public Waiter? Next(Func<Waiter, PlaceLevel> full)
    {
        foreach (var tenant in _all.Sorted)
        {
            foreach (var user in tenant.Sorted)
            {
                var waiter = user.Sorted.Min!.Waiters.First!.Value;
                var why = full(waiter);
                if (why == PlaceLevel.None) return waiter;
                if (why != PlaceLevel.Session) break; // the tenant's next users hold as much or more
            }
        }

        return null;
    }

    private (Line? Tenant, Line? User, Line? Session) Find(PlaceOwner owner)
    {
        var tenant = _all.Find(owner.Tenant);
        var user = tenant?.Find(owner.User);
        return (tenant, user, user?.Find(owner.Session));
    }

    public sealed class Waiter(PlaceOwner owner, long amount)
    {
        public PlaceOwner Owner { get; } = owner;

        public long Amount { get; } = amount;

        /// <summary>Null: it does not wait any more.</summary>
        public LinkedListNode<Waiter>? Node { get; set; }

        /// <summary>Whoever gives places back does not run what goes on with them.</summary>
        public TaskCompletionSource<FairPlaces.Place> Got { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>An owner for which something waits: of the first two levels owners of the next one, of the last one requests.</summary>
    private sealed class Line(string name, long arrived, long held) : IComparable<Line>
    {
        private readonly Dictionary<string, Line> _named = new(StringComparer.Ordinal);

        public SortedSet<Line> Sorted { get; } = [];

        public LinkedList<Waiter> Waiters { get; } = [];

        private string Name { get; } = name;

        private long Arrived { get; } = arrived;

        private long Held { get; set; } = held;

        public Line? Find(string? name) => _named.GetValueOrDefault(name ?? "");

        public Line Of(string? name, long arrived, long held)
        {
            if (Find(name) is { } known) return known;

            var line = new Line(name ?? "", arrived, held);
            _named.Add(line.Name, line);
            Sorted.Add(line);
            return line;
        }

        public void Change(Line? line, long amount)
        {
            if (line is null) return;

            Sorted.Remove(line);
            line.Held += amount;
            Sorted.Add(line);
        }

        public void DropIfEmpty(Line line)
        {
            if (line.Sorted.Count > 0 || line.Waiters.Count > 0) return;

            Sorted.Remove(line);
            _named.Remove(line.Name);
        }

        public int CompareTo(Line? other) => (Held, Arrived).CompareTo((other!.Held, other.Arrived));
    }
}
