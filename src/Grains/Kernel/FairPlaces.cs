namespace Agora.Grains.Kernel;

/// <summary>An owner of places: a tenant, one of its users or agents, or one of their sessions.</summary>
/// <param name="User">Null if the places are not taken for one of the tenant's users or agents.</param>
/// <param name="Session">Null if they are not taken for a session.</param>
public readonly record struct PlaceOwner(string Tenant, string? User = null, string? Session = null)
{
    internal PlaceOwner WithoutSession => new(Tenant, User);

    internal PlaceOwner WithoutUser => new(Tenant);
}

/// <summary>The level of owner whose places are all taken.</summary>
public enum PlaceLevel
{
    /// <summary>There are places.</summary>
    None,
    Session,
    User,
    Tenant,
    All,
}

/// <summary>
/// A bounded amount of something that the callers of one process share: calls under way, connections, bytes in memory. Thread-safe.
/// <para>Bounded: all owners together never hold more than <c>all</c>, and one owner never holds more than its own bound.</para>
/// <para>Fair: after each take but its first, a tenant holds at most what is still free, and a user or session at most twice what its tenant can still take. So a tenant alone holds at most a half, and a user or session a third. n tenants that
/// take all they can leave 1/(n+1) to the next tenant; n users of a tenant leave 1/3^n of the tenant's part to the next user. The first take of an owner that holds nothing is granted whatever its amount, if the owners above it have room.</para>
/// </summary>
/// <param name="all">The most that all owners hold together.</param>
/// <param name="ofTenant">The most that one tenant holds, even if its fair share is larger.</param>
/// <param name="ofUser">The same for one user or agent.</param>
/// <param name="ofSession">The same for one session.</param>
/// <param name="within">Each place here takes a place there too, so both bounds hold. Null if there is no wider bound. <see cref="Wait"/> needs null.</param>
public sealed class FairPlaces(long all, long ofTenant = long.MaxValue, long ofUser = long.MaxValue, long ofSession = long.MaxValue, FairPlaces? within = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PlaceOwner, long> _held = [];
    private readonly FairQueue _waiters = new();
    private long _taken;

    /// <returns>Dispose it to give the places back. Null if too few are left for this owner.</returns>
    public Place? Take(PlaceOwner owner, long amount = 1) => Take(owner, amount, out _);

    /// <param name="full">Why the result is null.</param>
    /// <returns>As <see cref="Take(PlaceOwner, long)"/>.</returns>
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

    /// <summary>Waits for places. The next request that is served is that of the tenant that holds least, within it of the user and then of the session that holds least.</summary>
    /// <exception cref="OperationCanceledException">Nothing was taken.</exception>
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
            Serve(); // requests behind it may need less
        }
    }

    /// <summary>Judges how it would be after the take.</summary>
    private PlaceLevel FullOf(PlaceOwner owner, long amount)
    {
        var free = all - _taken - amount;
        var tenant = HeldBy(owner.WithoutUser) + amount;
        var left = Math.Min((free - tenant) / 2, ofTenant - tenant); // what the tenant could still take: each further place is one more held and one less free
        return free < 0 ? PlaceLevel.All
            : IsOver(owner.WithoutUser, amount, ofTenant, free) ? PlaceLevel.Tenant
            : owner.Session is not null && IsOver(owner, amount, ofSession, 2 * left) ? PlaceLevel.Session
            : owner.User is not null && IsOver(owner.WithoutSession, amount, ofUser, 2 * left) ? PlaceLevel.User
            : PlaceLevel.None;
    }

    private bool IsOver(PlaceOwner owner, long amount, long most, long share)
    {
        var held = HeldBy(owner);
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

    /// <summary>An owner that holds nothing takes no memory.</summary>
    private void AddTo(PlaceOwner owner, long amount)
    {
        if (HeldBy(owner) + amount is > 0 and var held)
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

    /// <summary>Places that one owner holds until this is disposed of. Disposing of it again does nothing.</summary>
    public sealed class Place : IDisposable
    {
        private readonly FairPlaces _places;
        private readonly PlaceOwner _owner;
        private readonly Place? _outer;
        private long _amount;
        private bool _isOver;

        internal Place(FairPlaces places, PlaceOwner owner, long amount, Place? outer = null) => (_places, _owner, _amount, _outer) = (places, owner, amount, outer);

        /// <returns>False if too few are left for the owner, or this was disposed of; nothing changes then.</returns>
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

        /// <summary>Gives back what exceeds this amount.</summary>
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
