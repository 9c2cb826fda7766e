using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Replay.Checking;

namespace Agora.Simulation.Checks;

/// <summary>What operators hold a real journal to (<c>./run check</c>), over a seed's as it stands, whatever is under way.</summary>
public sealed class WholeJournal(IJournal journal, Func<PersonalKeys> keys, Findings findings)
{
    public void Check()
    {
        using var opened = keys();
        using var check = new JournalCheck(journal, opened, Found);
        var report = check.Run(CancellationToken.None);
        var rows = report.IsCompleted ? report.GetAwaiter().GetResult().Rows : throw new InvalidOperationException("The checkers' journal must not wait.");
        findings.Expect(rows > 0, "The check of the whole journal read nothing.");
    }

    private void Found(Violation violation)
    {
        var sentence = $"check: {violation.Stream} #{violation.Seq}, {violation.Rule}: {violation.What}.";
        if (violation.Rule == Rules.Replays)
        {
            findings.AddNoticed(sentence); // by the product's own invariants
        }
        else
        {
            findings.Add(sentence);
        }
    }
}
