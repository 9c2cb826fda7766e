namespace Agora.Search;

/// <summary>
/// A ranked full-text index in memory: pure, rebuilt from the services at start.
/// <para>
/// Searches go side by side; a change waits for those that have begun, and is seen by every search that begins after it returns.
/// So a change waits as long as one search takes, and searches as long as one change: a few milliseconds at 100,000 documents, for which this is made.
/// </para>
/// <para>
/// Pages are stable: documents are ordered by relevance, then by id, which is total; so while nothing changes, the same
/// query gives the same pages, without gaps and duplicates.
/// </para>
/// Bounds: <see cref="Postings.MaxSlots"/> documents; a search reads the postings of at most <see cref="QueryTerms.MaxTerms"/> terms.
/// </summary>
public sealed class SearchIndex
{
    private readonly Lock _changing = new();
    private readonly ReaderWriterLockSlim _access = new();
    private Contents _contents = new();

    public int Count => Read(held => held.Live);

    /// <summary>Puts these documents in place of everything held, at once; of several with one id the last counts. Searches go on meanwhile.</summary>
    public void Load(IEnumerable<SearchDocument> documents)
    {
        lock (_changing)
        {
            var loaded = Contents.Of(documents.Select(Complete));
            Change(_ => _contents = loaded);
        }
    }

    /// <summary>Adds the document or replaces the one with its id.</summary>
    public void Upsert(SearchDocument document)
    {
        Complete(document);
        lock (_changing) Change(held => held.Put(document));
    }

    /// <summary>Puts the document into another group; all else of it stays.</summary>
    /// <returns>Whether there is such a document.</returns>
    public bool Group(string id, object group)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(group);
        bool found = false;
        lock (_changing) Change(held => found = held.Group(id, group));
        return found;
    }

    /// <returns>Whether there was such a document.</returns>
    public bool Remove(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        bool removed = false;
        lock (_changing) Change(held => removed = held.Remove(id));
        return removed;
    }

    public SearchPage Search(SearchQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, SearchQuery.MaxLimit);
        return Read(held => new Searcher(held, query).Run());
    }

    private T Read<T>(Func<Contents, T> read)
    {
        _access.EnterReadLock();
        try
        {
            return read(_contents);
        }
        finally
        {
            _access.ExitReadLock();
        }
    }

    private void Change(Action<Contents> change)
    {
        _access.EnterWriteLock();
        try
        {
            change(_contents);
        }
        finally
        {
            _access.ExitWriteLock();
        }
    }

    private static SearchDocument Complete(SearchDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(document.Id);
        ArgumentNullException.ThrowIfNull(document.Name);
        ArgumentNullException.ThrowIfNull(document.Description);
        ArgumentNullException.ThrowIfNull(document.Category);
        ArgumentNullException.ThrowIfNull(document.Group);
        ArgumentOutOfRangeException.ThrowIfNegative(document.PriceMicros);
        return document;
    }
}
