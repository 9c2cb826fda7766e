using Agora.Core.Kernel;

namespace Agora.Grains.Services;

/// <summary>
/// A service's failed runs in a row, as this process sees them. Of one user, and of one agent, only so many count
/// (<see cref="Limits.FailuresOfOne"/>), so that several of both have to meet the same trouble before it is taken for the service's own.
/// Thread-safe; holds at most as many users and agents as failures disable.
/// </summary>
internal sealed class FailureStreak
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byAgent = new(StringComparer.Ordinal);
    private volatile int _counted;

    public void Succeeded()
    {
        if (_counted == 0) return;

        lock (_gate)
        {
            Forget();
        }
    }

    /// <returns>True when it is the failure that disables; counting then begins anew.</returns>
    public bool Failed(string userId, string agentId, bool onTrial)
    {
        var (needed, ofOne) = onTrial ? (Limits.FailuresOnTrial, 1) : (Limits.FailuresThatDisable, Limits.FailuresOfOne);
        lock (_gate)
        {
            var (ofUser, ofAgent) = (_byUser.GetValueOrDefault(userId), _byAgent.GetValueOrDefault(agentId));
            if (ofUser >= ofOne || ofAgent >= ofOne) return false;

            _byUser[userId] = ofUser + 1;
            _byAgent[agentId] = ofAgent + 1;
            if (++_counted < needed) return false;

            Forget();
            return true;
        }
    }

    private void Forget()
    {
        _byUser.Clear();
        _byAgent.Clear();
        _counted = 0;
    }
}
