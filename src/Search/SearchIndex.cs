namespace Agora.Search;

/// <summary>
/// A ranked full-text index in memory: pure, rebuilt from the services at start.
/// <para>
/// Searches take no lock and never wait: each works on the snapshot that was current when it began. Changes are applied one at a
/// time and are seen by every search that begins after they return. A ReaderWriterLock would let one slow search
/// hold up the writer and, behind it, all other searches; persistent trees would replace the flat arrays that a search reads.
/// Changes to an eighth of the documents bring about a compaction, which holds up that change and the ones behind it, but no search.
/// </para>
/// <para>
/// Pages are stable: documents are ordered by relevance, then by id, which is total; so while nothing changes, the same
/// query gives the same pages, without gaps and duplicates.
/// </para>
/// Bounds: 16 million documents; a search reads the postings of at most <see cref="QueryTerms.MaxTerms"/> terms.
/// </summary>
public sealed class SearchIndex
{
    private readonly Lock writing = new();
    private Snapshot current = new Generation().Snapshot();

    public int Count => Volatile.Read(ref current).Live;

    /// <summary>Puts these documents in place of everything held, at once; of several with one id the last counts.</summary>
    public void Load(IEnumerable<SearchDocument> documents)
    {
        lock (writing)
        {
            var loading = new Generation();
            foreach (var document in documents) loading.Put(Complete(document));
            Volatile.Write(ref current, loading.Compacted().Snapshot());
        }
    }

    /// <summary>Adds the document or replaces the one with its id.</summary>
    public void Upsert(SearchDocument document)
    {
        Complete(document);
        lock (writing)
        {
            current.Generation.Put(document);
            Publish();
        }
    }

    /// <returns>Whether there was such a document.</returns>
    public bool Remove(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        lock (writing)
        {
            bool removed = current.Generation.Remove(id);
            Publish();
            return removed;
        }
    }

    public SearchPage Search(SearchQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, SearchQuery.MaxLimit);
        return new Searcher(Volatile.Read(ref current), query).Run();
    }

    /// <summary>Everything a snapshot shows is written before this; the volatile write hands it over.</summary>
    private void Publish()
    {
        var generation = current.Generation;
        if (generation.IsDueForCompaction) generation = generation.Compacted();
        Volatile.Write(ref current, generation.Snapshot());
    }

    private static SearchDocument Complete(SearchDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(document.Id);
        ArgumentNullException.ThrowIfNull(document.Name);
        ArgumentNullException.ThrowIfNull(document.Description);
        ArgumentNullException.ThrowIfNull(document.Category);
        return document;
    }
}
