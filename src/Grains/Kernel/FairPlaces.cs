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
/// <para>Fair: after it has taken, an owner holds at most as much as stays free for all others: a tenant as much as is left of all, a user or a session twice as much as its tenant may still take. So besides its first take one tenant never holds more than a half, one
/// user or session never more than a third, and n tenants that take all they can get leave 1/(n+1) to the next one, n users of a tenant 1/3^n of its part. An owner that holds nothing gets its first take, of whatever amount, wherever its
/// wider owners have room.</para>
/// </summary>
/// <param name="all">Of all owners together.</param>
/// <param name="ofTenant">Of one tenant, besides its fair share.</param>
/// <param name="ofUser">Of one user or agent, besides its fair share.</param>
/// <param name="ofSession">Of one session, besides its fair share.</param>
/// <param name="within">Places here are places there too, so both bounds hold. Its places are never waited for through this one.</param>
public sealed class FairPlaces(long all, long ofTenant = long.MaxValue, long ofUser = long.MaxValue, long ofSession = long.MaxValue, FairPlaces? within = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PlaceOwner, long> _held = [];
    private readonly FairQueue _waiters = new();
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

            Place? outer = null;
            if (within is not null && (outer = within.Take(owner, amount, out full)) is null) return null;

            Add(owner, amount);
            return new(this, owner, amount, outer);
        }
    }

    /// <summary>Waits for places. Of those that wait, the next one is the owner's that holds least: by tenant first, then by user, then by session.</summary>
    /// <exception cref="OperationCanceledException">Nothing is held then.</exception>
    public async Task<Place> Wait(PlaceOwner owner, CancellationToken cancel, long amount = 1)
    {
        if (within is not null) throw new InvalidOperationException("Wait for the outer places.");

        FairQueue.Waiter waiter;
        lock (_lock)
        {
            cancel.ThrowIfCancellationRequested();
            if (FullOf(owner, amount) == PlaceLevel.None)
            {
                Add(owner, amount);
                return new(this, owner, amount);
            }

            waiter = _waiters.Add(owner, amount, HeldBy);
        }

        using var registration = cancel.UnsafeRegister(static (state, token) => (((FairPlaces, FairQueue.Waiter))state!).Item1.Leave((((FairPlaces, FairQueue.Waiter))state!).Item2, token), (this, waiter));
        return await waiter.Got.Task;
    }

    private long HeldBy(PlaceOwner owner) => _held.GetValueOrDefault(owner);

    private void Leave(FairQueue.Waiter waiter, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (!_waiters.Remove(waiter)) return;

            waiter.Got.SetCanceled(cancel);
            Serve(); // it may have stood before others that need less
        }
    }

    private PlaceLevel FullOf(PlaceOwner owner, long amount)
    {
        var (free, tenant) = (all - _taken - amount, HeldBy(owner.WithoutUser) + amount);
        var left = Math.Min((free - tenant) / 2, ofTenant - tenant); // to the tenant: with each place that it takes, one is not free any more
        return free < 0 ? PlaceLevel.All
            : IsOver(owner.WithoutUser, amount, ofTenant, free) ? PlaceLevel.Tenant
            : owner.Session is not null && IsOver(owner, amount, ofSession, 2 * left) ? PlaceLevel.Session
            : owner.User is not null && IsOver(owner.WithoutSession, amount, ofUser, 2 * left) ? PlaceLevel.User
            : PlaceLevel.None;
    }

    private bool IsOver(PlaceOwner owner, long amount, long most, long share)
    {
        var held = _held.GetValueOrDefault(owner);
        return held + amount > most || (held > 0 && amount > 0 && held + amount > share);
    }

    private void Add(PlaceOwner owner, long amount)
    {
        _waiters.Change(owner, amount);
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
            Serve();
        }
    }

    private void Serve()
    {
        while (_waiters.Next(waiter => FullOf(waiter.Owner, waiter.Amount)) is { } next)
        {
            _waiters.Remove(next);
            Add(next.Owner, next.Amount);
            next.Got.SetResult(new(this, next.Owner, next.Amount));
        }
    }

    /// <summary>What one owner holds, until it is disposed of: once, however often.</summary>
    public sealed class Place : IDisposable
    {
        private readonly FairPlaces _places;
        private readonly PlaceOwner _owner;
        private readonly Place? _outer;
        private long _amount;
        private bool _isOver;

        internal Place(FairPlaces places, PlaceOwner owner, long amount, Place? outer = null) => (_places, _owner, _amount, _outer) = (places, owner, amount, outer);

        /// <returns>False: there are too few left for its owner, or it is given back; it stays as it is.</returns>
        public bool Grow(long more)
        {
            lock (_places._lock)
            {
                if (_isOver || _places.FullOf(_owner, more) != PlaceLevel.None || _outer?.Grow(more) == false) return false;

                _places.Add(_owner, more);
                _amount += more;
                return true;
            }
        }

        /// <summary>Gives back what is beyond this amount.</summary>
        public void ShrinkTo(long amount)
        {
            long beyond;
            lock (_places._lock)
            {
                beyond = _isOver ? 0 : Math.Max(0, _amount - amount);
                _amount -= beyond;
            }

            if (beyond == 0) return;

            _places.Give(_owner, beyond);
            _outer?.ShrinkTo(amount);
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
            _outer?.Dispose();
        }
    }
}
