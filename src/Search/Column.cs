namespace Agora.Search;

/// <summary>What rows have one of: each value that some row has is a number, and has the slots of its rows.</summary>
internal sealed class Column<T>(IEqualityComparer<T> comparer) where T : notnull
{
    private readonly Dictionary<T, int> _numbers = new(comparer);
    private readonly List<(T Value, Postings Slots)> _values = [];
    private readonly Stack<int> _free = [];

    /// <summary>Of values that some row has.</summary>
    public IEnumerable<int> Numbers => _numbers.Values;

    /// <summary>All numbers are below it.</summary>
    public int Bound => _values.Count;

    public T ValueOf(int number) => _values[number].Value;

    public Postings SlotsOf(int number) => _values[number].Slots;

    /// <summary>Of these values, the ones that some row has.</summary>
    public HashSet<int> Find(IEnumerable<T> values)
    {
        var numbers = new HashSet<int>();
        foreach (var value in values)
        {
            if (_numbers.TryGetValue(value, out int number))
            {
                numbers.Add(number);
            }
        }

        return numbers;
    }

    public int Add(int slot, T value)
    {
        if (!_numbers.TryGetValue(value, out int number))
        {
            number = _free.TryPop(out int free) ? free : _values.Count;
            var added = (value, new Postings(""));
            if (number == _values.Count)
            {
                _values.Add(added);
            }
            else _values[number] = added;
            _numbers.Add(value, number);
        }

        SlotsOf(number).Set(slot, 1);
        return number;
    }

    public void Remove(int slot, int number)
    {
        SlotsOf(number).Remove(slot);
        if (SlotsOf(number).Entries.IsEmpty)
        {
            _numbers.Remove(ValueOf(number));
            _free.Push(number);
        }
    }

    /// <returns>The number of its value now.</returns>
    public int Replace(int slot, int before, T value)
    {
        if (_numbers.TryGetValue(value, out int number) && number == before) return before;

        Remove(slot, before);
        return Add(slot, value);
    }
}
