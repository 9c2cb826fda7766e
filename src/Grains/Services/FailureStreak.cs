using Agora.Core.Kernel;

namespace Agora.Grains.Services;

/// <summary>
/// A service's failed runs in a row, as this process sees them. Of one user only so many count
/// (<see cref="Limits.FailuresOfOneUser"/>), so that several have to meet the same trouble before it is taken for the service's own.
/// Thread-safe; holds at most as many users as failures disable.
/// </summary>
internal sealed class FailureStreak
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);
    private volatile int _counted;

    public void Succeeded()
    {
        if (_counted == 0)
        {
            return;
        }

        lock (_gate)
        {
            Forget();
        }
    }

    /// <returns>True when it is the failure that disables; counting then begins anew.</returns>
    public bool Failed(string userId, bool onTrial)
    {
        var (needed, ofOneUser) = onTrial ? (Limits.FailuresOnTrial, 1) : (Limits.FailuresThatDisable, Limits.FailuresOfOneUser);
        lock (_gate)
        {
            var before = _byUser.GetValueOrDefault(userId);
            if (before >= ofOneUser)
            {
                return false;
            }

            _byUser[userId] = before + 1;
            if (++_counted < needed)
            {
                return false;
            }

            Forget();
            return true;
        }
    }

    private void Forget()
    {
        _byUser.Clear();
        _counted = 0;
    }
}
