Console.WriteLine("Agora");
