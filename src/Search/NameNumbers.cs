namespace Agora.Search;

/// <summary>Names that rows refer to by number, those of documents removed since included.</summary>
internal sealed class NameNumbers(StringComparer comparer)
{
    /// <summary>No row's.</summary>
    private const int Unknown = -1;

    private readonly Dictionary<string, int> _numbers = new(comparer);

    public int Of(string name)
    {
        _numbers.TryAdd(name, _numbers.Count);
        return _numbers[name];
    }

    public int Find(string name) => _numbers.GetValueOrDefault(name, Unknown);

    /// <summary>By number, whether it is one of these.</summary>
    public bool[] Marked(IReadOnlyCollection<string> names)
    {
        bool[] marked = new bool[_numbers.Count];
        foreach (string name in names)
        {
            if (_numbers.TryGetValue(name, out int number))
            {
                marked[number] = true;
            }
        }

        return marked;
    }
}
