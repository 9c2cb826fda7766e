namespace Agora.Grains.Kernel;

/// <summary>
/// Requests that wait for places, ordered by need: the tenant that holds least comes first, within it the user that holds least, then the session that holds least, then the oldest request. Not thread-safe.
/// <para>Cost: a change moves one tenant, one user and one session in their order, however many requests wait. A search looks at one session per user, and at further users of a tenant only while the sessions before have reached the bound of a
/// session.</para>
/// </summary>
public sealed class FairQueue
{
    private readonly Line _all = new("", 0, 0);
    private long _arrived;

    /// <param name="owner">The owner of the request.</param>
    /// <param name="amount">How many places it needs.</param>
    /// <param name="heldBy">How much an owner holds now. Later changes come by <see cref="Change"/>.</param>
    public Waiter Add(PlaceOwner owner, long amount, Func<PlaceOwner, long> heldBy)
    {
        var tenant = _all.Of(owner.Tenant, ++_arrived, heldBy(owner.WithoutUser));
        var user = tenant.Of(owner.User, ++_arrived, heldBy(owner.WithoutSession));
        var session = user.Of(owner.Session, ++_arrived, heldBy(owner));
        var waiter = new Waiter(owner, amount);
        waiter.Node = session.Waiters.AddLast(waiter);
        return waiter;
    }

    /// <returns>False if it no longer waits.</returns>
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

    /// <summary>Called when what an owner holds has changed by this amount, which may be negative.</summary>
    public void Change(PlaceOwner owner, long amount)
    {
        var (tenant, user, session) = Find(owner);
        _all.Change(tenant, amount);
        tenant?.Change(user, amount);
        user?.Change(session, amount);
    }

    /// <param name="full">The level whose places are all taken for a request; None if there are places for it.</param>
    /// <returns>The first request in the order that there are places for. Null if there is none.</returns>
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

        /// <summary>Null if it no longer waits.</summary>
        public LinkedListNode<Waiter>? Node { get; set; }

        /// <summary>Continues asynchronously: the thread that gives places back does not run the request that gets them.</summary>
        public TaskCompletionSource<FairPlaces.Place> Got { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>An owner whose requests wait. A tenant and a user have lines of their own in <see cref="Sorted"/>, a session its requests in <see cref="Waiters"/>.</summary>
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
