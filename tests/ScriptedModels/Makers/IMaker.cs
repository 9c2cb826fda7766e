namespace Agora.ScriptedModels.Makers;

/// <summary>How one endpoint that makes models talk reads and writes. Stateless.</summary>
internal interface IMaker
{
    /// <summary>The same with all that the body says.</summary>
    /// <exception cref="RefusedException">The real one would not take it.</exception>
    Asked Read(Asked asked, bool isLenient);

    /// <summary>With usage, unless that is the fault.</summary>
    string Whole(Said said, Counts counts);

    /// <summary>Events in their order, each made when the one before it is written.</summary>
    IEnumerable<Frame> Stream(Said said, Meter meter);

    /// <summary>What says in mid-stream that it failed.</summary>
    /// <param name="told">What it says that was spent, where the maker's errors can say so; null: nothing.</param>
    IEnumerable<byte[]> Failure(Said said, Meter meter, Counts? told);
}
