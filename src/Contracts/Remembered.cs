using System.Collections.Concurrent;

namespace Agora.Contracts;

/// <summary>What a process has looked up and need not look up again, for it does not change or is found anew: with one more than so many it begins anew.</summary>
/// <param name="most">Entries, at most.</param>
public sealed class Remembered<TKey, TValue>(int most)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> _all = new();

    public bool Has(TKey key) => _all.ContainsKey(key);

    /// <returns>The default of the type: it is not known.</returns>
    public TValue? Of(TKey key) => _all.GetValueOrDefault(key);

    /// <returns>False if the key was there already.</returns>
    public bool Add(TKey key, TValue value)
    {
        MakeRoom(key);
        return _all.TryAdd(key, value);
    }

    public void Forget(TKey key) => _all.TryRemove(key, out _);

    public TValue Keep(TKey key, TValue value)
    {
        MakeRoom(key);
        return _all[key] = value;
    }

    private void MakeRoom(TKey key)
    {
        if (_all.Count >= most && !_all.ContainsKey(key))
        {
            _all.Clear();
        }
    }
}
