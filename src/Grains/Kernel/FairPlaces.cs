namespace Agora.Grains.Kernel;

/// <summary>Whoever takes places: a tenant, one of its users or agents, and one of their sessions. Null: the places are taken for none.</summary>
public readonly record struct PlaceOwner(string Tenant, string? User = null, string? Session = null)
{
    internal PlaceOwner WithoutSession => new(Tenant, User);

    internal PlaceOwner WithoutUser => new(Tenant);
}

/// <summary>Whose places are all taken.</summary>
public enum PlaceLevel
{
    None,
    Session,
    User,
    Tenant,
    All,
}

/// <summary>
/// A bounded amount of something that one process has and its callers share: calls under way, connections, bytes in memory. Safe from any thread.
/// <para>Bounded: all places together are never more than <c>all</c>, and those of one owner never more than its own bound.</para>
/// <para>Fair: a tenant holds at most as much as stays free for everyone else, and a user or a session at most half as much. So besides its first take one tenant never holds more than a half, one user or session never more than a third, and n tenants that
/// take all they can get leave 1/(n+1) to the next one. An owner that holds nothing gets its first take, of whatever amount, wherever its wider owners have room.</para>
/// </summary>
/// <param name="all">Of all owners together.</param>
/// <param name="ofTenant">Of one tenant, besides its fair share.</param>
/// <param name="ofUser">Of one user or agent, besides its fair share.</param>
/// <param name="ofSession">Of one session, besides its fair share.</param>
public sealed class FairPlaces(long all, long ofTenant = long.MaxValue, long ofUser = long.MaxValue, long ofSession = long.MaxValue)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PlaceOwner, long> _held = [];
    private readonly LinkedList<Waiter> _waiters = [];
    private long _taken;

    /// <returns>Dispose it to give the places back. Null: there are too few left for this owner.</returns>
    public Place? Take(PlaceOwner owner, long amount = 1) => Take(owner, amount, out _);

    /// <param name="full">Whose places are all taken.</param>
    /// <returns>As of <see cref="Take(PlaceOwner, long)"/>.</returns>
    public Place? Take(PlaceOwner owner, long amount, out PlaceLevel full)
    {
        lock (_lock)
        {
            full = FullOf(owner, amount);
            if (full != PlaceLevel.None) return null;

            Add(owner, amount);
            return new(this, owner, amount);
        }
    }

    /// <summary>Waits for one place. Of those that wait, the next one is the owner's that holds least: by tenant first, then by user, then by session.</summary>
    /// <exception cref="OperationCanceledException">Nothing is held then.</exception>
    public async Task<Place> Wait(PlaceOwner owner, CancellationToken cancel)
    {
        Waiter waiter;
        lock (_lock)
        {
            cancel.ThrowIfCancellationRequested();
            if (FullOf(owner, 1) == PlaceLevel.None)
            {
                Add(owner, 1);
                return new(this, owner, 1);
            }

            waiter = new(owner);
            _waiters.AddLast(waiter);
        }

        using var registration = cancel.UnsafeRegister(static (state, token) => (((FairPlaces, Waiter))state!).Item1.Leave((((FairPlaces, Waiter))state!).Item2, token), (this, waiter));
        return await waiter.Got.Task;
    }

    private void Leave(Waiter waiter, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_waiters.Remove(waiter))
            {
                waiter.Got.SetCanceled(cancel);
            }
        }
    }

    private PlaceLevel FullOf(PlaceOwner owner, long amount)
    {
        var free = all - _taken - amount;
        return free < 0 ? PlaceLevel.All
            : owner.Session is not null && IsOver(owner, amount, ofSession, free / 2) ? PlaceLevel.Session
            : owner.User is not null && IsOver(owner.WithoutSession, amount, ofUser, free / 2) ? PlaceLevel.User
            : IsOver(owner.WithoutUser, amount, ofTenant, free) ? PlaceLevel.Tenant
            : PlaceLevel.None;
    }

    private bool IsOver(PlaceOwner owner, long amount, long most, long share)
    {
        var held = _held.GetValueOrDefault(owner);
        return held + amount > most || (held > 0 && amount > 0 && held + amount > share);
    }

    private void Add(PlaceOwner owner, long amount)
    {
        _taken += amount;
        AddTo(owner.WithoutUser, amount);
        if (owner.User is not null)
        {
            AddTo(owner.WithoutSession, amount);
        }

        if (owner.Session is not null)
        {
            AddTo(owner, amount);
        }
    }

    /// <summary>Of an owner that holds nothing nothing is known.</summary>
    private void AddTo(PlaceOwner owner, long amount)
    {
        if (_held.GetValueOrDefault(owner) + amount is > 0 and var held)
        {
            _held[owner] = held;
        }
        else
        {
            _held.Remove(owner);
        }
    }

    private void Give(PlaceOwner owner, long amount)
    {
        lock (_lock)
        {
            Add(owner, -amount);
            while (Next() is { } next)
            {
                _waiters.Remove(next);
                Add(next.Owner, 1);
                next.Got.SetResult(new(this, next.Owner, 1));
            }
        }
    }

    private Waiter? Next() =>
        _waiters.Where(waiter => FullOf(waiter.Owner, 1) == PlaceLevel.None).MinBy(waiter => (_held.GetValueOrDefault(waiter.Owner.WithoutUser), _held.GetValueOrDefault(waiter.Owner.WithoutSession), _held.GetValueOrDefault(waiter.Owner)));

    private bool Grow(PlaceOwner owner, long more)
    {
        if (FullOf(owner, more) != PlaceLevel.None) return false;

        Add(owner, more);
        return true;
    }

    /// <summary>What one owner holds, until it is disposed of: once, however often.</summary>
    public sealed class Place : IDisposable
    {
        private readonly FairPlaces _places;
        private readonly PlaceOwner _owner;
        private long _amount;
        private bool _isOver;

        internal Place(FairPlaces places, PlaceOwner owner, long amount) => (_places, _owner, _amount) = (places, owner, amount);

        /// <returns>False: there are too few left for its owner, or it is given back; it stays as it is.</returns>
        public bool Grow(long more)
        {
            lock (_places._lock)
            {
                if (_isOver || !_places.Grow(_owner, more)) return false;

                _amount += more;
                return true;
            }
        }

        public void Dispose()
        {
            long amount;
            lock (_places._lock)
            {
                if (_isOver) return;

                (_isOver, amount) = (true, _amount);
            }

            _places.Give(_owner, amount);
        }
    }

    private sealed class Waiter(PlaceOwner owner)
    {
        public PlaceOwner Owner { get; } = owner;

        /// <summary>Whoever gives places back does not run what goes on with them.</summary>
        public TaskCompletionSource<Place> Got { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
